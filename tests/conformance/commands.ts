import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  CommandCancelledError,
  type CommandId,
  type CommandResult,
  Deferred,
  INVALID_COMMAND_ID,
  InvalidAddressError,
  InvalidOptionError,
  InvalidReactorError,
  MessageResult,
  type ReactorID,
  ReactorNotFoundError,
} from "../../mod.ts";
import { Random } from "../random.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import { openPair, RawPeer, serve, watched } from "./peers.ts";
import { pollingPromises } from "./polling.ts";
import {
  ANY_PORT,
  echo,
  eventually,
  quietly,
  signal,
  sink,
  sleep,
  withRuntime,
} from "./support.ts";

const NOBODY = 1 as ReactorID;
const YEAR_MS = 365 * 24 * 3_600_000;

/** How commands are ordered, deferred, cancelled and completed. */
export function commandPromises(adapter: Adapter): void {
  orderPromises(adapter);
  cancelPromises(adapter);
  completionPromises(adapter);
  argumentPromises(adapter);
  pollingPromises(adapter);
}

function orderPromises(adapter: Adapter): void {
  describe(`${adapter.name}: commands`, () => {
    it("10,000 that are due at once are carried out in the order they were sent", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const seen: number[] = [];
        const { serverCtx, clientCtx } = await openPair<number>(runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        }, { onCommand: (cmd) => void seen.push(cmd) });
        for (let i = 0; i < 10_000; i++) {
          const { reactorId } = i % 3 === 0 ? clientCtx : serverCtx;
          runtime.cmdSender.sendUserCmd(reactorId, i);
        }
        await eventually(() => seen.length === 10_000, "all are carried out");
        assert.ok(seen.every((cmd, i) => cmd === i));
      }));

    it("10,000 deferred ones are carried out in the order of their times, then of sending, none early", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const random = new Random(1);
        const sent: { from: number; to: number; ms: number }[] = [];
        const order: number[] = [];
        const early: number[] = [];
        const { serverCtx } = await openPair<number>(runtime, {
          onCommand(cmd) {
            order.push(cmd);
            if (adapter.now() < sent[cmd].from) early.push(cmd);
          },
        });
        for (let i = 0; i < 10_000; i++) {
          const ms = random.integer(1, 400);
          const deferred = Deferred.after(ms);
          const from = adapter.now() + ms;
          runtime.cmdSender.sendUserCmd(serverCtx.reactorId, i, { deferred });
          sent.push({ from, to: adapter.now() + ms, ms });
        }
        assert.ok(runtime.countDeferredQueue() > 9_000);
        await eventually(() => order.length === 10_000, "all are carried out");
        assert.equal(runtime.countDeferredQueue(), 0);
        assert.deepEqual(early, []);
        assert.equal(new Set(order).size, 10_000);
        // Each is due between `from` and `to`: nothing may come after what is surely later.
        let latest = 0;
        const lastOf = new Map<number, number>();
        for (const cmd of order) {
          assert.ok(sent[cmd].to >= latest, "in the order of their times");
          latest = Math.max(latest, sent[cmd].from);
          const before = lastOf.get(sent[cmd].ms) ?? -1;
          assert.ok(cmd > before, "the same delay: in the order of sending");
          lastOf.set(sent[cmd].ms, cmd);
        }
      }));

    it("Deferred.until a date waits for it, until a past one does not wait", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const send = (cmd: string, date: Date) =>
          runtime.cmdSender.sendUserCmd(serverCtx.reactorId, cmd, {
            deferred: Deferred.until(date),
          });
        const begin = adapter.now();
        send("future", new Date(Date.now() + 150));
        send("past", new Date(Date.now() - 1000));
        send("long past", new Date(0));
        assert.equal(runtime.countDeferredQueue(), 1);
        await eventually(() => seen.length === 3, "all are carried out");
        assert.deepEqual(seen, ["past", "long past", "future"]);
        assert.ok(adapter.now() - begin >= 148, "not before the date");
      }));

    it("what is deferred by a year, or by ages, stays so and does not overflow the timer", () =>
      withRuntime(
        new CountingAdapter(adapter),
        {},
        async (runtime) => {
          const results: CommandResult[] = [];
          const counting = runtime.adapter as CountingAdapter;
          const ids = [YEAR_MS, Number.MAX_VALUE].map((ms) =>
            runtime.cmdSender.sendUserCmd(NOBODY, "", {
              deferred: Deferred.after(ms),
              completion: (result) => results.push(result),
            })
          );
          await sleep(100);
          assert.deepEqual(results, []);
          assert.equal(counting.armedTimers.size, 1);
          assert.ok(counting.countTimers <= 2, "the timer did not fire");
          for (const id of ids) assert.ok(runtime.cmdSender.cancel(id));
          await eventually(() => results.length === 2, "both are told");
        },
      ));

    it("a reactor that commands itself for ever starves neither sockets nor timers nor others", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let count = 0;
        const completion = () => {}; // the last one fails
        const { serverCtx } = await openPair<string>(runtime, {
          onCommand(cmd, ctx) {
            count++;
            ctx.cmdSender.sendUserCmd(ctx.reactorId, cmd, {
              completion,
              deferred: cmd === "at once"
                ? Deferred.immediate
                : Deferred.after(0.001),
            });
          },
        });
        const echoAddress = await serve(runtime, () => echo());
        const { reactorId } = serverCtx;
        runtime.cmdSender.sendUserCmd(reactorId, "at once");
        runtime.cmdSender.sendUserCmd(reactorId, "as good as at once");
        await eventually(() => count > 1000, "it is at it");
        const peer = await RawPeer.connect(echoAddress);
        for (let round = 1; round <= 5; round++) {
          peer.write(round);
          await peer.has(round);
        }
        const result = await new Promise<CommandResult>((completion) =>
          runtime.cmdSender.sendClose(reactorId, {
            completion,
            abort: true,
            deferred: Deferred.after(5),
          })
        );
        assert.deepEqual(result, { ok: true, reactorId });
      }));

    it("a reactor can connect anew from onClose", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          let connected = 0;
          const done = signal();
          const address = await serve(
            runtime,
            () => sink({ onConnected: (ctx) => ctx.close() }),
          );
          const client = sink({
            onConnected() {
              if (++connected === 5) done.resolve();
            },
            onClose(_id, cmdSender) {
              cmdSender.sendConnect(address, client, {
                deferred: Deferred.after(1),
              });
            },
          });
          await runtime.connect(address, client);
          await done.promise;
        })
      ));

    it("one command can lead to the next from every place: handler, completion, onStartListen", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const steps: string[] = [];
        const done = signal();
        const server = sink<string>({
          onCommand(cmd) {
            steps.push(cmd);
            done.resolve();
          },
          onClose: () => void steps.push("closed"),
        });
        const id = await runtime.listen(ANY_PORT, {
          onStartListen(listener, cmdSender) {
            steps.push("listening");
            cmdSender.sendConnect(
              runtime.localAddress(listener)!,
              sink<string>({ onConnected: () => void steps.push("connected") }),
              { completion: () => steps.push("completed") },
            );
          },
          onNewConnection: () => ({
            reactor: {
              ...server,
              onConnected(ctx, listener) {
                assert.equal(listener, id);
                const { cmdSender, reactorId } = ctx;
                cmdSender.sendClose(listener, {
                  completion: () =>
                    cmdSender.sendUserCmd(reactorId, "commanded"),
                });
              },
            },
          }),
        });
        await done.promise;
        await eventually(() => steps.length === 4, "all steps");
        assert.deepEqual([...steps].sort(), [
          "commanded",
          "completed",
          "connected",
          "listening",
        ]);
      }));
  });
}

function cancelPromises(adapter: Adapter): void {
  describe(`${adapter.name}: cancelling`, () => {
    it("cancelled deferred commands are never carried out and told once, the others are", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const random = new Random(2);
        const seen = new Set<number>();
        const results: CommandResult[][] = [];
        const { cmdSender } = runtime;
        const { serverCtx } = await openPair<number>(runtime, {
          onCommand: (cmd) => void seen.add(cmd),
        });
        const ids = Array.from({ length: 2000 }, (_, i) => {
          results.push([]);
          return cmdSender.sendUserCmd(serverCtx.reactorId, i, {
            deferred: Deferred.after(random.integer(1, 200)),
            completion: (result) => results[i].push(result),
          });
        });
        assert.equal(new Set(ids).size, 2000);
        const cancelled = ids.map(() => random.chance(0.5));
        ids.forEach((id, i) => {
          if (!cancelled[i]) return;
          assert.equal(cmdSender.cancel(id), true);
          assert.equal(cmdSender.cancel(id), false, "a second time");
          assert.deepEqual(results[i], [], "not from inside cancel");
        });
        await eventually(
          () => results.every(({ length }) => length > 0),
          "all are told",
        );
        await sleep(20);
        results.forEach((told, i) => {
          assert.equal(told.length, 1);
          assert.equal(told[0].ok, !cancelled[i]);
          assert.equal(seen.has(i), !cancelled[i]);
          if (!told[0].ok) {
            assert.ok(told[0].error instanceof CommandCancelledError);
          }
          assert.equal(cmdSender.cancel(ids[i]), false, "too late");
        });
      }));

    it("a command that is due at once can be cancelled before its turn", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { cmdSender } = runtime;
        const { serverCtx } = await openPair<string>(runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const told = signal<CommandResult>();
        const id = cmdSender.sendUserCmd(serverCtx.reactorId, "cancelled", {
          completion: told.resolve,
        });
        cmdSender.sendUserCmd(serverCtx.reactorId, "kept");
        assert.equal(cmdSender.cancel(id), true);
        const result = await told.promise;
        assert.ok(!result.ok && result.error instanceof CommandCancelledError);
        await eventually(() => seen.length > 0, "the other");
        assert.deepEqual(seen, ["kept"]);
      }));

    it("a connect under way can be cancelled; its reactor hears nothing", () =>
      withRuntime(new CountingAdapter(adapter), {}, async (runtime) => {
        const counting = runtime.adapter as CountingAdapter;
        const address = await serve(runtime, () => sink());
        const client = watched();
        for (const stalled of [true, false]) {
          counting.stallConnects = stalled;
          const { countConnects } = counting;
          const results: CommandResult[] = [];
          const told = signal();
          const id = runtime.cmdSender.sendConnect(address, client.reactor, {
            completion(result) {
              results.push(result);
              told.resolve();
            },
          });
          while (counting.countConnects === countConnects) {
            await Promise.resolve();
            if (counting.countConnects === countConnects) await sleep(0);
          }
          if (runtime.cmdSender.cancel(id)) {
            assert.equal(results.length, 0, "not from inside cancel");
            await told.promise;
            const [result] = results;
            assert.ok(
              !result.ok && result.error instanceof CommandCancelledError,
            );
          } else {
            assert.equal(stalled, false, "only what is done is too late");
          }
          assert.equal(results.length, 1);
        }
        assert.ok(client.calls.length <= 1);
      }));

    it("what was carried out, or never sent, cannot be cancelled", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const { cmdSender } = runtime;
        const own: boolean[] = [];
        let id = INVALID_COMMAND_ID;
        const { serverCtx } = await openPair<string>(runtime, {
          onCommand: () => void own.push(cmdSender.cancel(id)),
        });
        await new Promise<CommandResult>((completion) => {
          id = cmdSender.sendUserCmd(serverCtx.reactorId, "", {
            completion(result) {
              own.push(cmdSender.cancel(id));
              completion(result);
            },
          });
        });
        own.push(cmdSender.cancel(id));
        assert.deepEqual(own, [false, false, false]);
        assert.equal(cmdSender.cancel(INVALID_COMMAND_ID), false);
        assert.equal(cmdSender.cancel(NaN as CommandId), false);
        assert.equal(cmdSender.cancel(2 ** 52 as CommandId), false);
      }));
  });
}

function completionPromises(adapter: Adapter): void {
  describe(`${adapter.name}: completions`, () => {
    it("never from inside the call that sends, and exactly once", () =>
      quietly(() =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const { cmdSender } = runtime;
          const { serverCtx } = await openPair<string>(runtime, {
            onCommand() {},
          });
          const { reactorId } = serverCtx;
          let isInside = true;
          const counts: number[] = [];
          const completion = () => {
            const index = counts.push(0) - 1;
            return () => {
              assert.equal(isInside, false);
              counts[index]++;
            };
          };
          cmdSender.sendUserCmd(reactorId, "", { completion: completion() });
          cmdSender.sendUserCmd(NOBODY, "", { completion: completion() });
          cmdSender.sendClose(NOBODY, { completion: completion() });
          cmdSender.sendConnect("nonsense", sink(), {
            completion: completion(),
          });
          cmdSender.sendConnect("127.0.0.1:1", sink(), {
            completion: completion(),
          });
          cmdSender.sendListen("nonsense", { onNewConnection: () => null }, {
            completion: completion(),
          });
          cmdSender.sendListen(ANY_PORT, { onNewConnection: () => null }, {
            completion: completion(),
          });
          cmdSender.sendClose(reactorId, { completion: completion() });
          isInside = false;
          await eventually(() => counts.every((n) => n > 0), "all are told");
          await sleep(20);
          assert.deepEqual(counts, [1, 1, 1, 1, 1, 1, 1, 1]);
        })
      ));

    it("a connect is completed after onConnected, with the id that onConnected got", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(runtime, () => sink());
        const client = watched();
        const told = signal<CommandResult>();
        runtime.cmdSender.sendConnect(address, client.reactor, {
          completion(result) {
            assert.deepEqual(client.calls, ["onConnected"]);
            told.resolve(result);
          },
        });
        const { reactorId } = await client.connected;
        assert.deepEqual(await told.promise, { ok: true, reactorId });
      }));

    it("a close is completed after onClose, in good order or by abort", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const abort of [false, true]) {
          const { serverCtx, server, client, clientCtx } = await openPair(
            runtime,
          );
          if (abort) clientCtx.pauseReading(); // and so it answers no FIN
          const told = signal<CommandResult>();
          const { reactorId } = serverCtx;
          const completion = (result: CommandResult) => {
            assert.equal(server.calls.at(-1), "onClose");
            told.resolve(result);
          };
          runtime.cmdSender.sendClose(reactorId, { abort, completion });
          assert.deepEqual(await told.promise, { ok: true, reactorId });
          clientCtx.resumeReading();
          await client.closed;
        }
      }));

    it("abort cuts a close short that is under way; both are completed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx, clientCtx } = await openPair(runtime);
        clientCtx.pauseReading();
        const { reactorId } = serverCtx;
        const results = await Promise.all(
          [false, true].map((abort) =>
            new Promise<CommandResult>((completion) =>
              runtime.cmdSender.sendClose(reactorId, { abort, completion })
            )
          ),
        );
        assert.deepEqual(results, [
          { ok: true, reactorId },
          { ok: true, reactorId },
        ]);
      }));

    it("commands from a completion are carried out", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const done = signal();
        const { serverCtx } = await openPair<number>(runtime, {
          onCommand(cmd) {
            if (cmd === 100) done.resolve();
          },
        });
        const send = (cmd: number): void =>
          void runtime.cmdSender.sendUserCmd(serverCtx.reactorId, cmd, {
            completion(result) {
              assert.ok(result.ok);
              if (cmd < 100) send(cmd + 1);
            },
          });
        send(0);
        await done.promise;
      }));
  });
}

function argumentPromises(adapter: Adapter): void {
  describe(`${adapter.name}: bad arguments fail in the completion, with a class of their own`, () => {
    type Send = (
      cmdSender: import("../../mod.ts").CmdSender,
      completion: (result: CommandResult) => void,
    ) => CommandId;
    const handler = { onNewConnection: () => null };
    const cases: [string, new (message: string) => Error, Send][] = [
      ...[undefined, null, {}, 7, "x", Object.create(null)].map((reactor) =>
        [
          `${typeof reactor} as a reactor`,
          InvalidReactorError,
          (cmdSender, completion) =>
            cmdSender.sendConnect("127.0.0.1:1", reactor as never, {
              completion,
            }),
        ] as (typeof cases)[number]
      ),
      ...[undefined, null, {}, sink()].map((listener) =>
        [
          `${typeof listener} as a listener handler`,
          InvalidReactorError,
          (cmdSender, completion) =>
            cmdSender.sendListen(ANY_PORT, listener as never, { completion }),
        ] as (typeof cases)[number]
      ),
      ...["", "127.0.0.1", "127.0.0.1:65536", ":1", undefined, null, 7, {
        hostname: "127.0.0.1",
        port: -1,
      }, { hostname: "", port: 1 }].map((address) =>
        [
          `the address ${JSON.stringify(address)}`,
          InvalidAddressError,
          (cmdSender, completion) =>
            cmdSender.sendConnect(address as never, sink(), { completion }),
        ] as (typeof cases)[number]
      ),
      ...[
        { maxMessageSize: 0 },
        { recvBufferMinSize: -1 },
        { connectTimeoutMs: 1.5 },
        { idleTimeoutMs: NaN },
        { sendHighWaterMark: 10, sendLowWaterMark: 11 },
        { sendQueueOverflow: "drop" },
        { noDelay: 1 },
      ].map((options) =>
        [
          `the options ${JSON.stringify(options)}`,
          InvalidOptionError,
          (cmdSender, completion) =>
            cmdSender.sendConnect("127.0.0.1:1", sink(), {
              ...options as object,
              completion,
            }),
        ] as (typeof cases)[number]
      ),
      ...[{ maxConnections: 0 }, { backlog: -1 }, { reusePort: "yes" }].map(
        (options) =>
          [
            `the options ${JSON.stringify(options)}`,
            InvalidOptionError,
            (cmdSender, completion) =>
              cmdSender.sendListen(ANY_PORT, handler, {
                ...options as object,
                completion,
              }),
          ] as (typeof cases)[number],
      ),
      ...[
        { kind: "after", ms: NaN },
        { kind: "after", ms: -1 },
        { kind: "after", ms: Infinity },
        { kind: "after", ms: "1" },
        { kind: "until", epochMs: NaN },
        { kind: "sometime" },
        7,
        null,
      ].map((deferred) =>
        [
          `deferred ${JSON.stringify(deferred)}`,
          InvalidOptionError,
          (cmdSender, completion) =>
            cmdSender.sendClose(NOBODY, {
              deferred: deferred as never,
              completion,
            }),
        ] as (typeof cases)[number]
      ),
    ];

    it(`${cases.length} of them: reactors, handlers, addresses, options, times`, () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          for (const [name, errorClass, send] of cases) {
            const told = signal<CommandResult>();
            const id = send(runtime.cmdSender, told.resolve);
            assert.notEqual(id, INVALID_COMMAND_ID, name);
            const result = await told.promise;
            assert.ok(!result.ok, name);
            assert.ok(
              result.error instanceof errorClass,
              `${name}: ${result.error}`,
            );
          }
          assert.equal(runtime.countReactors(), 0);
        })
      ));

    it("the promise forms reject with the same errors", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await assert.rejects(
          runtime.connect("127.0.0.1:1", undefined as never),
          InvalidReactorError,
        );
        await assert.rejects(
          runtime.connect("nonsense", sink()),
          InvalidAddressError,
        );
        await assert.rejects(
          runtime.listen(ANY_PORT, undefined as never),
          InvalidReactorError,
        );
        await assert.rejects(
          runtime.listen(ANY_PORT, handler, { backlog: 0 }),
          InvalidOptionError,
        );
        await assert.rejects(
          runtime.processEvents({ maxCommands: 0 }),
          InvalidOptionError,
        );
        await assert.rejects(
          runtime.processEvents({ timeoutMs: -1 }),
          InvalidOptionError,
        );
        await assert.rejects(
          runtime.stop({ graceMs: NaN }),
          InvalidOptionError,
        );
      }));

    it("Deferred refuses to be made of what is no time", () => {
      for (const ms of [NaN, -1, Infinity]) {
        assert.throws(() => Deferred.after(ms), InvalidOptionError);
      }
      assert.throws(() => Deferred.until(new Date(NaN)), InvalidOptionError);
    });

    it("a completion that throws, and a command that nobody waits for, do no harm", () =>
      quietly(() =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const { cmdSender } = runtime;
          cmdSender.sendUserCmd(NOBODY, "");
          cmdSender.sendUserCmd(NOBODY, "", {
            completion() {
              throw new Error("from a completion");
            },
          });
          const result = await new Promise<CommandResult>((completion) =>
            cmdSender.sendUserCmd(NOBODY, "", { completion })
          );
          assert.ok(!result.ok && result.error instanceof ReactorNotFoundError);
          const address = await serve<string>(runtime, () => ({
            onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          }));
          await runtime.connect(address, sink());
        })
      ));
  });
}
