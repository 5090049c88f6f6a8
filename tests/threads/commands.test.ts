import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandQueueFullError,
  type CommandResult,
  Deferred,
  formatAddress,
  type OpenResult,
  PROXY_TLV,
  type ProxyHeaderOptions,
  type ReactorUID,
  ReactRuntime,
  type TcpAddress,
  type TcpSocket,
  type UserCommandResult,
} from "../../mod.ts";
import { eventually, signal, sink } from "../conformance/support.ts";
import { type Agent, outcome } from "./agent_module.ts";
import { sharedThreads, withAgents } from "./agents.ts";

describe("commands between threads", () => {
  const inThreads = sharedThreads(2);

  it("1,000,000 arrive in the order they were sent, and none is lost", () =>
    inThreads(async ([a, b]) => {
      await a.run((agent, to) => {
        let sent = 0;
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const burst = () => {
          const end = Math.min(sent + 10_000, 1_000_000);
          for (; sent < end; sent++) {
            sender.sendUserCmd(to.reactorId, { count: sent, of: 1_000_000 });
          }
          if (sent < 1_000_000) setTimeout(burst, 0);
        };
        burst();
      }, b.uid);
      assert.equal(await b.counted.promise, 1_000_000);
    }));

  it("four threads send to each other all at once, each pair in order", () =>
    withAgents(4, async (agents, mgr) => {
      for (const agent of agents) {
        await mgr.addName(`agent ${agent.uid.runtimeId}`, agent.uid);
      }
      const sum = (agent: typeof agents[0]) =>
        agent.run(async (agent) => {
          const seen = new Map<number, number>();
          agent.onCommand = ((original) => (command) => {
            if (!("item" in command)) {
              return void original.call(agent, command);
            }
            const { from, n } = command.item as { from: number; n: number };
            if ((seen.get(from) ?? 0) !== n) throw new Error(`${from}: ${n}`);
            seen.set(from, n + 1);
          })(agent.onCommand);
          await new Promise((resolve) => setTimeout(resolve, 100));
          for (let n = 0; n < 1000; n++) {
            for (let other = 0; other < agent.thread.threadCount; other++) {
              const uid = agent.thread.findByName(`agent ${other}`)!;
              agent.thread.getCmdSender(other).sendUserCmd(uid.reactorId, {
                item: { from: agent.thread.runtimeId, n },
              });
            }
          }
          for (;;) {
            const total = [...seen.values()].reduce((a, b) => a + b, 0);
            if (total === 4000) return [...seen.keys()].sort();
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        });
      for (const froms of await Promise.all(agents.map(sum))) {
        assert.deepEqual(froms, [0, 1, 2, 3]);
      }
    }));

  it("a worker listens, connects, commands and closes in another one", () =>
    inThreads(async ([a]) => {
      const results = await a.run(async (agent) => {
        const there = agent.thread.getCmdSender(1);
        type Opened = (result: OpenResult) => void;
        const opened = (send: (completion: Opened) => unknown) =>
          new Promise<OpenResult>((resolve) => send(resolve));
        type Completion = (result: CommandResult) => void;
        const done = (send: (completion: Completion) => unknown) =>
          new Promise<CommandResult>((resolve) => send(resolve));
        const listen = await opened((completion) =>
          there.sendListen("127.0.0.1:0", "echo", undefined, { completion })
        );
        if (!listen.ok) return [listen];
        const connect = await opened((completion) =>
          there.sendConnect(listen.localAddress, "sink", undefined, {
            completion,
          })
        );
        if (!connect.ok) return [connect];
        const closes = [connect.reactorId, listen.reactorId].map((id) =>
          done((completion) => there.sendClose(id, { completion }))
        );
        return [listen, connect, ...await Promise.all(closes)];
      });
      assert.deepEqual(results.map(({ ok }) => ok), [true, true, true, true]);
    }));

  it("a worker connects as a proxy, with the header that it was given", () =>
    inThreads(async (_agents, mgr) => {
      const uniqueId = Uint8Array.of(1, 2, 3);
      const seen = signal<TcpSocket>();
      const runtime = new ReactRuntime();
      const { address } = await runtime.listen("127.0.0.1:0", {
        onNewConnection(_listener, socket) {
          seen.resolve(socket);
          return { reactor: sink() };
        },
      }, { proxyProtocol: { trusted: ["127.0.0.1"] } });
      const connect = (proxyProtocol: ProxyHeaderOptions) =>
        outcome((completion) =>
          mgr.getCmdSender(0).sendConnect(
            address as TcpAddress,
            "sink",
            undefined,
            { proxyProtocol, completion },
          )
        );
      const connected = await connect({
        version: 2,
        source: "203.0.113.7:1",
        destination: "192.0.2.1:2",
        tlvs: [{ type: PROXY_TLV.uniqueId, value: uniqueId }],
      });
      assert.equal(connected.ok, true);
      const { remoteAddress, proxy } = await seen.promise;
      assert.equal(formatAddress(remoteAddress), "203.0.113.7:1");
      assert.deepEqual(proxy?.uniqueId, uniqueId);
      const refused = await connect({ version: 1, command: "local" });
      assert.ok(!refused.ok);
      assert.equal(refused.error, "InvalidOptionError");
      await runtime.stop();
    }));

  it("completions reach the sending thread, with the error's class, message and cause", () =>
    inThreads(async ([a, b], mgr) => {
      const fails = await a.run(async (agent, to) => {
        const failed = await agent.ask(to, { run: "", id: -1, args: [] });
        const nobody = await agent.ask(
          { ...to, reactorId: (to.reactorId + 2 ** 20) as typeof to.reactorId },
          { item: 1 },
        );
        return [failed, nobody];
      }, b.uid);
      assert.equal(fails[0].ok, true);
      assert.ok(!fails[1].ok);
      assert.equal(fails[1].error, "ReactorNotFoundError");
      const refused = await outcome((completion) =>
        mgr.getCmdSender(1).sendConnect("127.0.0.1:1", "sink", undefined, {
          completion,
        })
      );
      assert.ok(!refused.ok);
      assert.equal(refused.error, "ConnectionRefusedError");
      assert.match(refused.message, /127\.0\.0\.1:1/);
      const broken = await outcome((completion) =>
        mgr.getCmdSender(1).sendConnect("127.0.0.1:1", "broken", undefined, {
          completion,
        })
      );
      assert.ok(!broken.ok);
      assert.equal(broken.error, "RangeError");
      assert.equal(broken.message, "the factory does not work");
    }));

  it("a factory that the module does not have fails the command, and the error lists those that it has", () =>
    inThreads(async ([_], mgr) => {
      const result = await outcome((completion) =>
        mgr.getCmdSender(0).sendConnect(
          "127.0.0.1:1",
          "agnet" as "agent",
          { index: 0 },
          { completion },
        )
      );
      assert.ok(!result.ok);
      assert.equal(result.error, "UnknownFactoryError");
      assert.match(result.message, /"agnet".*"agent", "sink", .*"broken"/);
    }));

  it("a command may be changed as soon as it was sent", () =>
    inThreads(async ([a, b]) => {
      const items = await a.run(async (agent, to) => {
        const item = { text: "first", nested: { list: [1] } };
        const sent: Promise<unknown>[] = [];
        for (let i = 0; i < 3; i++) {
          item.text = `text ${i}`;
          item.nested.list[0] = i;
          sent.push(agent.ask(to, { item }));
        }
        item.text = "changed";
        item.nested.list[0] = -1;
        await Promise.all(sent);
        return "sent";
      }, b.uid);
      assert.equal(items, "sent");
      assert.deepEqual(
        await b.run((agent) => agent.items),
        [0, 1, 2].map((i) => ({ text: `text ${i}`, nested: { list: [i] } })),
      );
    }));

  it("anything that can be cloned arrives unchanged and in order; what cannot be cloned fails alone", () =>
    inThreads(async ([a, b]) => {
      const results = await a.run((agent, to) => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        const items: unknown[] = [
          1,
          new Map([["key", new Date(0)]]),
          "text",
          () => "a function",
          cycle,
          { a: undefined, b: -0, c: NaN, d: 10n },
          Uint8Array.of(1, 2),
          "x".repeat(5000),
          [1, , 3], // deno-lint-ignore no-sparse-arrays
          { ["__proto__"]: 1, a: 2 },
          Object.assign([, 1], { x: 5 }), // deno-lint-ignore no-sparse-arrays
        ];
        return Promise.all(items.map((item) => agent.ask(to, { item })));
      }, b.uid);
      assert.deepEqual(
        results.map((result) => result.ok ? "ok" : result.error),
        results.map((_, i) => i === 3 ? "NotCloneableError" : "ok"),
      );
      const seen = await b.run((agent) => {
        // deno-lint-ignore no-explicit-any -- what came over
        const items = agent.items as any[];
        const [one, map, text, cycle, values, bytes, long, holes, proto] =
          items;
        return [
          one === 1,
          map instanceof Map && map.get("key").getTime() === 0,
          text === "text",
          cycle.self === cycle,
          "a" in values && values.a === undefined && Object.is(values.b, -0) &&
          Number.isNaN(values.c) && values.d === 10n,
          bytes instanceof Uint8Array && bytes[1] === 2,
          long.length === 5000,
          holes.length === 3 && !(1 in holes),
          proto.a === 2,
          items[9].x === 5 && !(0 in items[9]),
        ];
      });
      assert.deepEqual(seen, Array(10).fill(true));
    }));

  it("a deferred command arrives at its time, and not at all if it is cancelled", () =>
    inThreads(async ([a, b]) => {
      const result = await a.run(async (agent, to) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const begin = performance.now();
        const results: string[] = [];
        const send = (item: string, ms: number) =>
          sender.sendUserCmd(to.reactorId, { item }, {
            deferred: { kind: "after", ms },
            completion: (result) =>
              void results.push(
                result.ok
                  ? `${item} ${performance.now() - begin >= ms}`
                  : result.error.name,
              ),
          });
        send("late", 60);
        send("early", 20);
        const cancelled = send("never", 40);
        const answers = [sender.cancel(cancelled), sender.cancel(cancelled)];
        while (results.length < 3) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return { answers, results };
      }, b.uid);
      assert.deepEqual(result.answers, [true, false]);
      assert.deepEqual(result.results, [
        "CommandCancelledError",
        "early true",
        "late true",
      ]);
      assert.deepEqual(await b.run((agent) => agent.items), ["early", "late"]);
    }));

  it("the main thread defers and cancels, too", () =>
    inThreads(async ([a], mgr) => {
      const { reactorId } = a.uid;
      const sender = mgr.getCmdSender(0);
      const late = outcome((completion) =>
        sender.sendUserCmd(reactorId, { item: "late" }, {
          deferred: Deferred.after(30),
          completion,
        })
      );
      let id = sender.sendUserCmd(reactorId, { item: "never" });
      assert.equal(sender.cancel(id), false);
      const never = outcome((completion) =>
        id = sender.sendUserCmd(reactorId, { item: "never" }, {
          deferred: Deferred.after(10),
          completion,
        })
      );
      assert.equal(sender.cancel(id), true);
      const result = await never;
      assert.ok(!result.ok && result.error === "CommandCancelledError");
      assert.ok((await late).ok);
      assert.deepEqual(await a.run((agent) => agent.items), ["never", "late"]);
    }));

  it("a connect under way in another thread can be cancelled, and leaves nothing behind", () =>
    inThreads(async ([a, b]) => {
      const before = await b.run((agent) =>
        agent.thread.runtime.connectionCount
      );
      const results = await a.run(async (agent) => {
        const there = agent.thread.getCmdSender(1);
        const results: string[] = [];
        const listening = await new Promise<OpenResult>((completion) =>
          there.sendListen("127.0.0.1:0", "echo", undefined, { completion })
        );
        if (!listening.ok) return [listening.error.message];
        for (let i = 0; i < 20; i++) {
          const id = there.sendConnect(
            listening.localAddress,
            "sink",
            undefined,
            {
              completion: (result) =>
                void results.push(result.ok ? "ok" : result.error.name),
            },
          );
          if (!there.cancel(id)) results.push("too late");
        }
        while (results.length < 20) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        return results;
      });
      assert.deepEqual(results, Array(20).fill("CommandCancelledError"));
      await b.run(async (agent, before) => {
        while (agent.thread.runtime.connectionCount > before) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }, before);
    }));

  it("a thread sends to itself as to others", () =>
    inThreads(async ([a]) => {
      const result = await a.run((agent) =>
        agent.ask(agent.uid, { item: "to myself" })
      );
      assert.ok(result.ok);
      assert.deepEqual(await a.run((agent) => agent.items), ["to myself"]);
    }));

  it("2^20 may be in transit; further ones fail with CommandQueueFullError, and later ones work again", () =>
    withAgents(2, async ([a, b]) => {
      const result = await a.run((agent, to) => {
        agent.flood(to, 2 ** 20);
        return agent.ask(to, { item: "too many" });
      }, b.uid);
      assert.ok(!result.ok);
      assert.equal(result.error, CommandQueueFullError.name);
      assert.equal(await b.counted.promise, 2 ** 20);
      const later = await a.run(
        (agent, to) => agent.ask(to, { item: "later" }),
        b.uid,
      );
      assert.ok(later.ok);
    }));

  it("2^20 may be in transit after earlier traffic, too, less at most 1024 that are not acknowledged yet", () =>
    withAgents(2, async ([a, b]) => {
      const max = 2 ** 20;
      for (const earlier of [1, 1000, 5000]) {
        await a.run(
          async (agent, to, earlier) => {
            const sender = agent.thread.getCmdSender(to.runtimeId);
            for (let i = 0; i < earlier; i++) {
              sender.sendUserCmd(to.reactorId, { item: 0 });
            }
            await agent.ask(to, { item: 0 }); // all have been received
          },
          b.uid,
          earlier,
        );
        const [refused, last] = await a.run(async (agent, to) => {
          const sender = agent.thread.getCmdSender(to.runtimeId);
          let refused = 0;
          for (let i = 0; i < 2 ** 20 - 1024; i++) {
            sender.sendUserCmd(to.reactorId, { item: 0 });
          }
          const fits = agent.ask(to, { item: 0 });
          for (let i = 0; i < 1024; i++) {
            sender.sendUserCmd(to.reactorId, { item: 0 });
          }
          const tooMany = agent.ask(to, { item: 0 });
          if (!(await fits).ok) refused++;
          return [refused, await tooMany];
        }, b.uid);
        assert.equal(refused, 0);
        assert.ok(!last.ok, `after ${earlier}, ${max} are taken on`);
        assert.equal(last.error, "CommandQueueFullError");
        await b.run((agent) => void (agent.items.length = 0));
      }
    }));

  it("2^20 may wait in a thread that does not execute them, whoever sent them: further ones fail, and later ones work again", () =>
    withAgents(3, async ([a, b, c]) => {
      const flag = new Int32Array(new SharedArrayBuffer(8));
      await c.ask({ item: flag });
      const isThere = c.run(async (agent) => {
        const flag = agent.items.pop() as Int32Array<SharedArrayBuffer>;
        const { runtime } = agent.thread;
        await runtime.processEvents(); // from now on commands wait
        Atomics.store(flag, 0, 1);
        while (Atomics.load(flag, 1) === 0) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const before = agent.items.length;
        while (agent.items.length < 2 ** 20) {
          await runtime.processEvents({ maxCommands: 10_000 });
        }
        await runtime.processEvents({ maxCommands: 10_000 });
        const { length } = agent.items;
        agent.items.length = 0;
        void runtime.run(); // from now on they do not wait
        return [before, length];
      });
      await eventually(() => Atomics.load(flag, 0) === 1, "it waits");
      const flood = (agent: Agent, to: ReactorUID) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        for (let i = 0; i < 2 ** 19 + 1000; i++) {
          sender.sendUserCmd(to.reactorId, { item: i });
        }
        return agent.ask(to, { item: "beyond" });
      };
      const beyond = await Promise.race(
        [a, b].map((agent) => agent.run(flood, c.uid)),
      );
      assert.ok(!beyond.ok);
      assert.equal(beyond.error, "CommandQueueFullError");
      Atomics.store(flag, 1, 1);
      assert.deepEqual(await isThere, [0, 2 ** 20]);
      for (const agent of [a, b]) {
        const later = await agent.run(
          (agent, to) => agent.ask(to, { item: "later" }),
          c.uid,
        );
        assert.ok(later.ok);
      }
    }));

  it("a deferred command that nobody awaits arrives at its time, once", () =>
    inThreads(async ([a, b], mgr) => {
      await a.run((agent, to) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const send = (item: string, ms: number) =>
          sender.sendUserCmd(to.reactorId, { item }, {
            deferred: { kind: "after", ms },
          });
        send("late", 60);
        send("early", 20);
        sender.cancel(send("never", 40));
      }, b.uid);
      mgr.getCmdSender(1).sendUserCmd(b.uid.reactorId, { item: "main" }, {
        deferred: Deferred.after(80),
      });
      const items = await b.run(async (agent) => {
        while (agent.items.length < 3) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        return agent.items;
      });
      assert.deepEqual(items, ["early", "late", "main"]);
    }));

  it("a thread listens, connects, commands, defers, cancels and closes in itself", () =>
    inThreads(async ([a]) => {
      const results = await a.run(async (agent) => {
        const here = agent.thread.getCmdSender(agent.thread.runtimeId);
        type Opened = (result: OpenResult) => void;
        const opened = (send: (completion: Opened) => unknown) =>
          new Promise<OpenResult>((resolve) => send(resolve));
        type Completion = (result: CommandResult) => void;
        const done = (send: (completion: Completion) => unknown) =>
          new Promise<CommandResult>((resolve) => send(resolve));
        const listen = await opened((completion) =>
          here.sendListen("127.0.0.1:0", "echo", undefined, { completion })
        );
        if (!listen.ok) return [listen.error.message];
        const connect = await opened((completion) =>
          here.sendConnect(listen.localAddress, "sink", undefined, {
            completion,
          })
        );
        if (!connect.ok) return [connect.error.message];
        const { reactorId } = agent.uid;
        const late = done((completion) =>
          here.sendUserCmd(reactorId, { item: "late" }, {
            deferred: { kind: "after", ms: 20 },
            completion,
          })
        );
        const never = done((completion) => {
          const id = here.sendUserCmd(reactorId, { item: "never" }, {
            deferred: { kind: "after", ms: 10 },
            completion,
          });
          if (!here.cancel(id) || here.cancel(id)) throw new Error("cancel");
        });
        const object = { not: "copied" };
        here.sendUserCmd(reactorId, { item: object });
        const wrong = opened((completion) =>
          here.sendConnect("127.0.0.1:1", "nobody", undefined, { completion })
        );
        const closes = [connect.reactorId, listen.reactorId, reactorId + 1]
          .map((id) =>
            done((completion) => here.sendClose(id as never, { completion }))
          );
        const all = await Promise.all([late, never, wrong, ...closes]);
        return [
          ...all.map((result) => result.ok ? "ok" : result.error.name),
          agent.items.length === 2 && agent.items.includes(object),
          // In a thread that was blocked, the late one comes first.
          agent.items.find((item) => item !== object),
        ];
      });
      assert.deepEqual(results, [
        "ok",
        "CommandCancelledError",
        "UnknownFactoryError",
        "ok",
        "ok",
        "ReactorNotFoundError",
        true,
        "late",
      ]);
    }));

  it("a factory that rejects fails the command with InvalidReactorError, and the thread goes on", () =>
    inThreads(async ([a, b], mgr) => {
      for (let i = 0; i < 3; i++) {
        const connect = await outcome((completion) =>
          mgr.getCmdSender(0).sendConnect("127.0.0.1:1", "rejects", undefined, {
            completion,
          })
        );
        const listen = await outcome((completion) =>
          mgr.getCmdSender(0).sendListen("127.0.0.1:0", "rejects", undefined, {
            completion,
          })
        );
        for (const result of [connect, listen]) {
          assert.ok(!result.ok);
          assert.equal(result.error, "InvalidReactorError");
        }
      }
      assert.ok(
        (await b.run((agent, to) => agent.ask(to, { item: 1 }), a.uid)).ok,
      );
    }));

  it("a thread that is full refuses connections and listeners, and serves those it has", () =>
    inThreads(async ([a], mgr) => {
      const listener = await new Promise<OpenResult>((completion) =>
        mgr.getCmdSender(1).sendListen("127.0.0.1:0", "echo", undefined, {
          completion,
        })
      );
      assert.ok(listener.ok);
      const address = listener.localAddress;
      const open = async () => [
        await outcome((completion) =>
          mgr.getCmdSender(0).sendConnect(address, "sink", undefined, {
            completion,
          })
        ),
        await outcome((completion) =>
          mgr.getCmdSender(0).sendListen("127.0.0.1:0", "echo", undefined, {
            completion,
          })
        ),
      ];
      await a.run((agent) => agent.setFull(true));
      for (const result of await open()) {
        assert.ok(!result.ok);
        assert.equal(result.error, "ResourcesExhaustedError");
      }
      assert.ok((await a.ask({ item: 1 })).ok);
      await a.run((agent) => agent.setFull(false));
      for (const result of await open()) assert.ok(result.ok);
    }));

  it("a view arrives with the bytes that it shows, and nothing else of its buffer", () =>
    inThreads(async ([a, b], mgr) => {
      const bytes = new Uint8Array(1000).fill(7).subarray(100, 200);
      const item = {
        list: [new Map([["key", new DataView(bytes.buffer, 5, 3)]])],
      };
      mgr.getCmdSender(0).sendUserCmd(a.uid.reactorId, { item: bytes });
      mgr.getCmdSender(0).sendUserCmd(a.uid.reactorId, { item });
      await a.run((agent, to) => {
        const [bytes, { list: [map] }] = agent.items as [
          Uint8Array,
          { list: [Map<string, DataView>] },
        ];
        const buffers = [bytes.buffer, map.get("key")!.buffer];
        return agent.ask(to, {
          item: buffers.map(({ byteLength }) => byteLength),
        });
      }, b.uid);
      assert.deepEqual(await b.run((agent) => agent.items), [[100, 3]]);
    }));

  it("the value that a handler returns comes back as a copy, after what it sent was written; a value that cannot be copied fails the command", () =>
    inThreads(async ([a, b], threads) => {
      const values = await a.run(async (agent, to) => {
        const there = agent.thread.getCmdSender(to.runtimeId);
        const ask = (returns: string) =>
          new Promise<unknown>((resolve) =>
            there.sendUserCmd(to.reactorId, { returns }, {
              completion: (result) =>
                resolve(result.ok ? result.value ?? null : result.error.name),
            })
          );
        const big = await ask("new Map([[1, new Uint8Array(3)]])") as Map<
          number,
          Uint8Array
        >;
        return [
          await ask("{ n: [1, 'two'] }"),
          await ask("undefined"),
          await ask("Promise.resolve(5)"),
          await ask("'x'.repeat(5000)").then((it) => (it as string).length),
          big.get(1)!.length,
          await ask("() => {}"),
          await ask("Promise.reject(new RangeError('rejected'))"),
        ];
      }, b.uid);
      assert.deepEqual(values, [
        { n: [1, "two"] },
        null,
        5,
        5000,
        3,
        "AnswerNotCloneableError",
        "RangeError",
      ]);
      const own = await new Promise<UserCommandResult>((completion) =>
        threads.getCmdSender(0).sendUserCmd(
          a.uid.reactorId,
          { returns: "7" },
          { completion },
        )
      );
      assert.ok(own.ok && own.value === 7);
    }));

  it("connections are served while commands pour in", () =>
    withAgents(2, async ([a, b], mgr) => {
      const listener = await mgr.listenAll("127.0.0.1:0", "echo");
      await a.run((agent, to) => agent.flood(to, 500_000), b.uid);
      let isDone = false;
      void b.counted.promise.then(() => isDone = true);
      const opened = await outcome((completion) =>
        mgr.getCmdSender(1).sendConnect(listener.address, "sink", undefined, {
          completion,
        })
      );
      assert.ok(opened.ok);
      assert.equal(await b.counted.promise, 500_000);
      assert.ok(isDone);
    }));
});
