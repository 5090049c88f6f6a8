import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Address,
  CommandCancelledError,
  type CommandId,
  type CommandResult,
  Deferred,
  INVALID_COMMAND_ID,
  type ListenerContext,
  type LogRecord,
  type OpenResult,
  type ReactorID,
  setLogSink,
  SimRandom,
} from "../../mod.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import { quietly, signal, sink, withRuntime } from "./support.ts";

const NOBODY = 1 as ReactorID;

/** Cancelling commands. */
export function cancelPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  describe(`${adapter.name}: cancelling`, () => {
    it("cancelled deferred commands complete once and are never executed; the others are executed", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const random = new SimRandom(2);
        const seen = new Set<number>();
        const results: CommandResult[][] = [];
        const { cmdSender } = runtime;
        const { serverCtx } = await openPair<number>(environment, runtime, {
          onCommand: (cmd) => void seen.add(cmd),
        });
        const ids = Array.from({ length: 2000 }, (_, i) => {
          results.push([]);
          return cmdSender.sendUserCmd(serverCtx.id, i, {
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
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const told = signal<CommandResult>();
        const id = cmdSender.sendUserCmd(serverCtx.id, "cancelled", {
          completion: told.resolve,
        });
        cmdSender.sendUserCmd(serverCtx.id, "kept");
        assert.equal(cmdSender.cancel(id), true);
        const result = await told.promise;
        assert.ok(!result.ok && result.error instanceof CommandCancelledError);
        await eventually(() => seen.length > 0, "the other");
        assert.deepEqual(seen, ["kept"]);
      }));

    it("deferred commands that nobody awaits are executed unless they are cancelled, whatever they hold", () =>
      withRuntime<number | undefined>(adapter, {}, async (runtime) => {
        const random = new SimRandom(3);
        const seen: (number | undefined)[] = [];
        const { cmdSender } = runtime;
        const { serverCtx } = await openPair<number | undefined>(
          environment,
          runtime,
          { onCommand: (cmd) => void seen.push(cmd) },
        );
        const kept: number[] = [];
        for (let i = 0; i < 3000; i++) {
          const id = cmdSender.sendUserCmd(serverCtx.id, i, {
            deferred: Deferred.after(random.integer(1, 200)),
          });
          assert.notEqual(id, INVALID_COMMAND_ID);
          if (random.chance(0.5)) {
            assert.equal(cmdSender.cancel(id), true);
            assert.equal(cmdSender.cancel(id), false, "a second time");
          } else kept.push(i);
        }
        const last = cmdSender.sendUserCmd(serverCtx.id, undefined, {
          deferred: Deferred.after(201),
        });
        await eventually(() => seen.length > kept.length, "all are done");
        assert.equal(cmdSender.cancel(last), false, "too late");
        assert.equal(seen.pop(), undefined);
        assert.deepEqual(seen.sort((a, b) => a! - b!), kept);
      }));

    it("a deferred command that nobody awaits is logged if it fails, when it is due or at stop", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const records: LogRecord[] = [];
        const before = setLogSink((record) => void records.push(record));
        try {
          for (const ms of [1, 60_000]) {
            runtime.cmdSender.sendUserCmd(NOBODY, "", {
              deferred: Deferred.after(ms),
            });
          }
          await eventually(() => records.length === 1, "the first is due");
          await runtime.stop();
          const what = `give a command to reactor ${NOBODY}`;
          assert.deepEqual(records.map(({ parts }) => parts), [
            [
              `Did not ${what}: ReactorNotFoundError: Cannot ${what}: it was closed, or never was`,
            ],
            [
              `Did not ${what}: RuntimeStoppedError: the runtime was stopped`,
            ],
          ]);
        } finally {
          setLogSink(before);
        }
      }));

    it("a cancelled command that nobody awaits is logged nowhere, and holds up neither run nor stop", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const records: LogRecord[] = [];
        const before = setLogSink((record) => void records.push(record));
        try {
          const { cmdSender } = runtime;
          const ids = [0, 60_000].map((ms) =>
            cmdSender.sendUserCmd(NOBODY, "", { deferred: Deferred.after(ms) })
          );
          const running = runtime.run();
          for (const id of ids) assert.equal(cmdSender.cancel(id), true);
          await running;
          const late = cmdSender.sendUserCmd(NOBODY, "");
          assert.equal(cmdSender.cancel(late), true);
          await runtime.stop();
          assert.deepEqual(records, []);
        } finally {
          setLogSink(before);
        }
      }));

    it("the last deferred command, when it is cancelled, ends a run that waits for it, awaited or not", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        for (const options of [{}, { completion() {} }]) {
          const id = runtime.cmdSender.sendUserCmd(NOBODY, "", {
            ...options,
            deferred: Deferred.after(3_600_000),
          });
          let isOver = false;
          void runtime.run().then(() => isOver = true);
          await sleep(20); // no turn is pending any more
          assert.equal(isOver, false);
          assert.equal(runtime.cmdSender.cancel(id), true);
          await eventually(() => isOver, "it has ended");
        }
      }));

    it("a connect under way can be cancelled; its reactor is never called", () =>
      withRuntime(new CountingAdapter(adapter), {}, async (runtime) => {
        const counting = runtime.adapter as CountingAdapter;
        const address = await serve(environment, runtime, () => sink());
        const client = watched();
        for (const stalled of [true, false]) {
          counting.stallConnects = stalled;
          const { connectCount: countConnects } = counting;
          const results: CommandResult[] = [];
          const told = signal();
          const id = runtime.cmdSender.sendConnect(address, client.reactor, {
            completion(result) {
              results.push(result);
              told.resolve();
            },
          });
          while (counting.connectCount === countConnects) {
            await Promise.resolve();
            if (counting.connectCount === countConnects) await sleep(0);
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

    it("a connect that has reached onConnected can no longer be cancelled, and completes once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { cmdSender } = runtime;
        const address = await serve(environment, runtime, () => sink());
        const results: CommandResult[] = [];
        let isCancelled: boolean | undefined;
        const id = cmdSender.sendConnect(
          address,
          sink({
            onConnected: () => void (isCancelled = cmdSender.cancel(id)),
          }),
          { completion: (result) => void results.push(result) },
        );
        await eventually(() => results.length > 0, "the connect");
        await sleep(20);
        assert.equal(isCancelled, false);
        assert.deepEqual(results.map(({ ok }) => ok), [true]);
      }));

    it("a command that was executed, or never sent, cannot be cancelled", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const { cmdSender } = runtime;
        const own: boolean[] = [];
        let id = INVALID_COMMAND_ID;
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: () => void own.push(cmdSender.cancel(id)),
        });
        await new Promise<CommandResult>((completion) => {
          id = cmdSender.sendUserCmd(serverCtx.id, "", {
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

/** How completions of commands are called. */
export function completionPromises(environment: Environment): void {
  const { adapter, anyPort, eventually, sleep } = environment;
  describe(`${adapter.name}: completions`, () => {
    it("come exactly once, and never inside the call that sends", () =>
      quietly(() =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const { cmdSender } = runtime;
          const { serverCtx } = await openPair<string>(environment, runtime, {
            onCommand() {},
          });
          const { id } = serverCtx;
          let isInside = true;
          const counts: number[] = [];
          const completion = () => {
            const index = counts.push(0) - 1;
            return () => {
              assert.equal(isInside, false);
              counts[index]++;
            };
          };
          cmdSender.sendUserCmd(id, "", { completion: completion() });
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
          cmdSender.sendListen(anyPort, { onNewConnection: () => null }, {
            completion: completion(),
          });
          cmdSender.sendClose(id, { completion: completion() });
          isInside = false;
          await eventually(() => counts.every((n) => n > 0), "all are told");
          await sleep(20);
          assert.deepEqual(counts, [1, 1, 1, 1, 1, 1, 1, 1]);
        })
      ));

    it("a connect is completed after onConnected, with the id that onConnected got", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => sink());
        const client = watched();
        const told = signal<CommandResult>();
        runtime.cmdSender.sendConnect(address, client.reactor, {
          completion(result) {
            assert.deepEqual(client.calls, ["onConnected"]);
            told.resolve(result);
          },
        });
        const { id: reactorId, socket } = await client.connected;
        const { localAddress } = socket;
        assert.deepEqual(await told.promise, {
          ok: true,
          reactorId,
          localAddress,
        });
      }));

    it("a listen is completed after onStartListen, with the address it is bound to", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const calls: string[] = [];
        const bound: Address[] = [];
        const told = signal<OpenResult>();
        const handler = {
          onStartListen({ address }: ListenerContext) {
            calls.push("onStartListen");
            bound.push(address);
          },
          onNewConnection: () => null,
        };
        runtime.cmdSender.sendListen(anyPort, handler, {
          completion(result) {
            assert.deepEqual(calls, ["onStartListen"]);
            told.resolve(result);
          },
        });
        const result = await told.promise;
        assert.ok(result.ok);
        assert.deepEqual([result.localAddress], bound);
      }));

    it("a close is completed after onClose, gracefully or by abort", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const abort of [false, true]) {
          const { serverCtx, server, client, clientCtx } = await openPair(
            environment,
            runtime,
          );
          if (abort) clientCtx.pauseReading(); // so that it does not answer the FIN
          const told = signal<CommandResult>();
          const { id } = serverCtx;
          const completion = (result: CommandResult) => {
            assert.equal(server.calls.at(-1), "onClose");
            told.resolve(result);
          };
          runtime.cmdSender.sendClose(id, { abort, completion });
          assert.deepEqual(await told.promise, { ok: true, reactorId: id });
          clientCtx.resumeReading();
          await client.closed;
        }
      }));

    it("abort cuts short a close that is under way; both are completed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx, clientCtx } = await openPair(environment, runtime);
        clientCtx.pauseReading();
        const { id } = serverCtx;
        const results = await Promise.all(
          [false, true].map((abort) =>
            new Promise<CommandResult>((completion) =>
              runtime.cmdSender.sendClose(id, { abort, completion })
            )
          ),
        );
        assert.deepEqual(results, [
          { ok: true, reactorId: id },
          { ok: true, reactorId: id },
        ]);
      }));

    it("commands that a completion sends are executed", () =>
      withRuntime<number>(adapter, {}, async (runtime) => {
        const done = signal();
        const { serverCtx } = await openPair<number>(environment, runtime, {
          onCommand(cmd) {
            if (cmd === 100) done.resolve();
          },
        });
        const send = (cmd: number): void =>
          void runtime.cmdSender.sendUserCmd(serverCtx.id, cmd, {
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
