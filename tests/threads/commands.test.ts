import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandQueueFullError,
  type CommandResult,
  Deferred,
} from "../../mod.ts";
import { outcome } from "./agent_module.ts";
import { withAgents } from "./agents.ts";

describe("commands between threads", () => {
  it("1,000,000 arrive in the order they were sent, none lost", () =>
    withAgents(2, async ([a, b]) => {
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
        await mgr.addReactorUid(`agent ${agent.uid.runtimeId}`, agent.uid);
      }
      const sum = (agent: typeof agents[0]) =>
        agent.run(async (agent) => {
          const seen = new Map<number, number>();
          agent.onCommand = ((original) => (command) => {
            if (!("note" in command)) return original.call(agent, command);
            const { from, n } = command.note as { from: number; n: number };
            if ((seen.get(from) ?? 0) !== n) throw new Error(`${from}: ${n}`);
            seen.set(from, n + 1);
          })(agent.onCommand);
          await new Promise((resolve) => setTimeout(resolve, 100));
          for (let n = 0; n < 1000; n++) {
            for (let other = 0; other < agent.thread.countThreads; other++) {
              const uid = agent.thread.findReactorUid(`agent ${other}`)!;
              agent.thread.getCmdSender(other).sendUserCmd(uid.reactorId, {
                note: { from: agent.thread.runtimeId, n },
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
    withAgents(2, async ([a]) => {
      const results = await a.run(async (agent) => {
        const there = agent.thread.getCmdSender(1);
        type Completion = (result: CommandResult) => void;
        const done = (send: (completion: Completion) => unknown) =>
          new Promise<CommandResult>((resolve) => send(resolve));
        const listen = await done((completion) =>
          there.sendListen("127.0.0.1:0", "echo", undefined, { completion })
        );
        if (!listen.ok) return [listen];
        const connect = await done((completion) =>
          there.sendConnect(listen.localAddress!, "sink", undefined, {
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

  it("completions come to the thread that sent, with the error's class, message and cause", () =>
    withAgents(2, async ([a, b], mgr) => {
      const fails = await a.run(async (agent, to) => {
        const failed = await agent.ask(to, { run: "", id: -1, args: [] });
        const nobody = await agent.ask(
          { ...to, reactorId: (to.reactorId + 2 ** 20) as typeof to.reactorId },
          { note: 1 },
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

  it("a factory that the module does not have fails the command, and names those that it has", () =>
    withAgents(1, async ([_], mgr) => {
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
      assert.match(result.message, /"agnet".*"agent", "sink", "broken"/);
    }));

  it("what was sent may be changed at once", () =>
    withAgents(2, async ([a, b]) => {
      const notes = await a.run(async (agent, to) => {
        const note = { text: "first", nested: { list: [1] } };
        const sent: Promise<unknown>[] = [];
        for (let i = 0; i < 3; i++) {
          note.text = `text ${i}`;
          note.nested.list[0] = i;
          sent.push(agent.ask(to, { note }));
        }
        note.text = "changed";
        note.nested.list[0] = -1;
        await Promise.all(sent);
        return "sent";
      }, b.uid);
      assert.equal(notes, "sent");
      assert.deepEqual(
        await b.run((agent) => agent.notes),
        [0, 1, 2].map((i) => ({ text: `text ${i}`, nested: { list: [i] } })),
      );
    }));

  it("anything that can be cloned arrives as it was, in its place; what cannot fails alone", () =>
    withAgents(2, async ([a, b]) => {
      const results = await a.run((agent, to) => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        const notes: unknown[] = [
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
        ];
        return Promise.all(notes.map((note) => agent.ask(to, { note })));
      }, b.uid);
      assert.deepEqual(
        results.map((result) => result.ok ? "ok" : result.error),
        results.map((_, i) => i === 3 ? "NotCloneableError" : "ok"),
      );
      const seen = await b.run((agent) => {
        const [one, map, text, cycle, values, bytes, long, holes, proto] =
          // deno-lint-ignore no-explicit-any -- what came over
          agent.notes as any[];
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
        ];
      });
      assert.deepEqual(seen, Array(9).fill(true));
    }));

  it("a deferred command arrives at its time, and not at all if it is cancelled", () =>
    withAgents(2, async ([a, b]) => {
      const result = await a.run(async (agent, to) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const begin = performance.now();
        const results: string[] = [];
        const send = (note: string, ms: number) =>
          sender.sendUserCmd(to.reactorId, { note }, {
            deferred: { kind: "after", ms },
            completion: (result) =>
              void results.push(
                result.ok
                  ? `${note} ${performance.now() - begin >= ms}`
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
      assert.deepEqual(await b.run((agent) => agent.notes), ["early", "late"]);
    }));

  it("the main thread defers and cancels, too", () =>
    withAgents(1, async ([a], mgr) => {
      const { reactorId } = a.uid;
      const sender = mgr.getCmdSender(0);
      const late = outcome((completion) =>
        sender.sendUserCmd(reactorId, { note: "late" }, {
          deferred: Deferred.after(30),
          completion,
        })
      );
      let id = sender.sendUserCmd(reactorId, { note: "never" });
      assert.equal(sender.cancel(id), false);
      const never = outcome((completion) =>
        id = sender.sendUserCmd(reactorId, { note: "never" }, {
          deferred: Deferred.after(10),
          completion,
        })
      );
      assert.equal(sender.cancel(id), true);
      const result = await never;
      assert.ok(!result.ok && result.error === "CommandCancelledError");
      assert.ok((await late).ok);
      assert.deepEqual(await a.run((agent) => agent.notes), ["never", "late"]);
    }));

  it("a connect that is under way in another thread can be cancelled, and leaves nothing", () =>
    withAgents(2, async ([a, b]) => {
      const before = await b.run((agent) =>
        agent.thread.runtime.countStreams()
      );
      const results = await a.run(async (agent) => {
        const there = agent.thread.getCmdSender(1);
        const results: string[] = [];
        const listening = await new Promise<CommandResult>((completion) =>
          there.sendListen("127.0.0.1:0", "echo", undefined, { completion })
        );
        if (!listening.ok) return [listening.error.message];
        for (let i = 0; i < 20; i++) {
          const id = there.sendConnect(
            listening.localAddress!,
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
        while (agent.thread.runtime.countStreams() > before) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }, before);
    }));

  it("a thread sends to itself as to others", () =>
    withAgents(1, async ([a]) => {
      const result = await a.run((agent) =>
        agent.ask(agent.uid, { note: "to myself" })
      );
      assert.ok(result.ok);
      assert.deepEqual(await a.run((agent) => agent.notes), ["to myself"]);
    }));

  it("2^20 may be on their way; what is beyond fails with CommandQueueFullError, and later ones go again", () =>
    withAgents(2, async ([a, b]) => {
      const result = await a.run((agent, to) => {
        agent.flood(to, 2 ** 20);
        return agent.ask(to, { note: "too many" });
      }, b.uid);
      assert.ok(!result.ok);
      assert.equal(result.error, CommandQueueFullError.name);
      assert.equal(await b.counted.promise, 2 ** 20);
      const later = await a.run(
        (agent, to) => agent.ask(to, { note: "later" }),
        b.uid,
      );
      assert.ok(later.ok);
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
