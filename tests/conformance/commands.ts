import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandResult,
  Deferred,
  type ReactorID,
  SimRandom,
} from "../../mod.ts";
import { argumentPromises } from "./bad_arguments.ts";
import { cancelPromises, completionPromises } from "./cancelling.ts";
import { commandValuePromises } from "./command_values.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve } from "./peers.ts";
import { pollingPromises } from "./polling.ts";
import { echo, quietly, signal, sink, withRuntime } from "./support.ts";

const NOBODY = 1 as ReactorID;
const YEAR_MS = 365 * 24 * 3_600_000;

/** The order, deferral, cancelling and completion of commands. */
export function commandPromises(environment: Environment): void {
  orderPromises(environment);
  cancelPromises(environment);
  completionPromises(environment);
  commandValuePromises(environment);
  argumentPromises(environment);
  pollingPromises(environment);
}

function orderPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: commands`, () => {
    it("10,000 immediate ones are executed in the order they were sent", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const seen: number[] = [];
        const { serverCtx, clientCtx } = await openPair<number>(
          environment,
          runtime,
          {
            onCommand: (cmd) => void seen.push(cmd),
          },
          { onCommand: (cmd) => void seen.push(cmd) },
        );
        for (let i = 0; i < 10_000; i++) {
          const { id } = i % 3 === 0 ? clientCtx : serverCtx;
          runtime.cmdSender.sendUserCmd(id, i);
        }
        await eventually(() => seen.length === 10_000, "all are carried out");
        assert.ok(seen.every((cmd, i) => cmd === i));
      }));

    it("10,000 deferred ones are executed in the order of their times, then of sending, none early", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const random = new SimRandom(1);
        const sent: { from: number; to: number; ms: number }[] = [];
        const order: number[] = [];
        const early: number[] = [];
        const { serverCtx } = await openPair<number>(environment, runtime, {
          onCommand(cmd) {
            order.push(cmd);
            if (adapter.clock.now() < sent[cmd].from) early.push(cmd);
          },
        });
        for (let i = 0; i < 10_000; i++) {
          const ms = random.integer(1, 400);
          const deferred = Deferred.after(ms);
          const from = adapter.clock.now() + ms;
          // Awaited commands and detached ones share one order.
          const options = i % 3 === 0 ? { completion() {} } : {};
          runtime.cmdSender.sendUserCmd(serverCtx.id, i, {
            ...options,
            deferred,
          });
          sent.push({ from, to: adapter.clock.now() + ms, ms });
        }
        assert.ok(runtime.deferredCommandCount > 9_000);
        await eventually(() => order.length === 10_000, "all are carried out");
        assert.equal(runtime.deferredCommandCount, 0);
        assert.deepEqual(early, []);
        assert.equal(new Set(order).size, 10_000);
        // Each is due between `from` and `to`: none may run after one that is
        // certainly later.
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

    it("however many deferred ones are due, no timer is set between them", () =>
      withRuntime<number>(
        new CountingAdapter(adapter),
        {},
        async (runtime) => {
          let count = 0;
          const { adapter } = runtime;
          const counting = adapter as CountingAdapter;
          const { serverCtx } = await openPair<number>(environment, runtime, {
            onCommand: () => void count++,
          });
          for (let i = 0; i < 20_000; i++) {
            runtime.cmdSender.sendUserCmd(serverCtx.id, i, {
              deferred: Deferred.after(1),
            });
          }
          const { timerCount: countTimers } = counting;
          await eventually(() => count === 20_000, "all are carried out");
          assert.ok(counting.timerCount - countTimers < 10);
        },
      ));

    it("Deferred.until a date waits for it, until a past one does not wait", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const send = (cmd: string, date: Date) =>
          runtime.cmdSender.sendUserCmd(serverCtx.id, cmd, {
            deferred: Deferred.until(date),
          });
        const begin = adapter.clock.now();
        send("future", new Date(adapter.clock.wallNow() + 150));
        send("past", new Date(adapter.clock.wallNow() - 1000));
        send("long past", new Date(0));
        assert.equal(runtime.deferredCommandCount, 1);
        await eventually(() => seen.length === 3, "all are carried out");
        assert.deepEqual(seen, ["past", "long past", "future"]);
        assert.ok(adapter.clock.now() - begin >= 148, "not before the date");
      }));

    it("commands deferred by a year or by ages wait, and do not overflow the timer", () =>
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
          assert.ok(counting.timerCount <= 2, "the timer did not fire");
          for (const id of ids) assert.ok(runtime.cmdSender.cancel(id));
          await eventually(() => results.length === 2, "both are told");
        },
      ));

    it("a reactor that commands itself for ever starves neither sockets nor timers nor others", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        let count = 0;
        const isAtIt = signal();
        const completion = () => {}; // the last one fails
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand(cmd, ctx) {
            if (++count === 1000) isAtIt.resolve();
            ctx.cmdSender.sendUserCmd(ctx.id, cmd, {
              completion,
              deferred: cmd === "at once"
                ? Deferred.immediate
                : Deferred.after(0.001),
            });
          },
        });
        const echoAddress = await serve(environment, runtime, () => echo());
        const { id } = serverCtx;
        runtime.cmdSender.sendUserCmd(id, "at once");
        runtime.cmdSender.sendUserCmd(id, "as good as at once");
        await isAtIt.promise;
        const peer = await connectPeer(echoAddress);
        for (let round = 1; round <= 5; round++) {
          peer.write(round);
          await peer.has(round);
        }
        const result = await new Promise<CommandResult>((completion) =>
          runtime.cmdSender.sendClose(id, {
            completion,
            abort: true,
            deferred: Deferred.after(0.1),
          })
        );
        assert.deepEqual(result, { ok: true, reactorId: id });
      }));

    it("a reactor can reconnect from onClose", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          let connected = 0;
          const done = signal();
          const address = await serve(
            environment,
            runtime,
            () => sink({ onConnected: (ctx) => ctx.close() }),
          );
          const client = sink({
            onConnected() {
              if (++connected === 5) done.resolve();
            },
            onClose(_reason, ctx) {
              ctx.cmdSender.sendConnect(address, client, {
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
        const id = await runtime.listen(anyPort, {
          onStartListen(listener) {
            steps.push("listening");
            listener.cmdSender.sendConnect(
              listener.address,
              sink<string>({ onConnected: () => void steps.push("connected") }),
              { completion: () => steps.push("completed") },
            );
          },
          onNewConnection: () => ({
            reactor: {
              ...server,
              onConnected(ctx, listener) {
                assert.equal(listener, id.id);
                const { cmdSender } = ctx;
                cmdSender.sendClose(listener, {
                  completion: () => cmdSender.sendUserCmd(ctx.id, "commanded"),
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
