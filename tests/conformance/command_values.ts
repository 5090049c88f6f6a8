import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  type Reactor,
  type ReactRuntime,
  type UserCommandResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve } from "./peers.ts";
import { quietly, signal, sink, withRuntime } from "./support.ts";

/** Sends `cmd`. Resolves to its outcome. */
function outcome<Value>(
  runtime: ReactRuntime,
  target: Parameters<typeof runtime.cmdSender.sendUserCmd<unknown, Value>>[0],
  cmd: unknown,
): Promise<UserCommandResult<Value>> {
  return new Promise((completion) =>
    runtime.cmdSender.sendUserCmd<unknown, Value>(target, cmd, { completion })
  );
}

/** The values that commands return to their senders. */
export function commandValuePromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;
  /**
   * Runs `body` with a connection whose reactor handles commands by
   * `onCommand`.
   */
  const withReactor = (
    onCommand: NonNullable<Reactor["onCommand"]>,
    body: (
      runtime: ReactRuntime,
      target: Awaited<ReturnType<typeof openPair>>["serverCtx"],
    ) => Promise<void>,
  ) =>
    quietly(() =>
      withRuntime(adapter, {}, async (runtime) => {
        const { serverCtx } = await openPair(environment, runtime, {
          onCommand,
        });
        await body(runtime, serverCtx);
      })
    );

  describe(`${adapter.name}: the value of a command`, () => {
    it("is what onCommand returned, whatever that is; undefined if it returned nothing", () =>
      withReactor((cmd) => cmd, async (runtime, target) => {
        const values = [1, "text", null, undefined, { a: [1] }, new Error("e")];
        for (const cmd of values) {
          const result = await outcome(runtime, target, cmd);
          assert.ok(result.ok);
          assert.equal(result.reactorId, target.id);
          assert.equal(result.value, cmd);
        }
      }));

    it("is what the promise of onCommand resolves to; other commands are executed meanwhile", () => {
      const first = signal<string>();
      const seen: unknown[] = [];
      return withReactor((cmd) => {
        seen.push(cmd);
        return cmd === "first" ? first.promise : cmd;
      }, async (runtime, target) => {
        const waiting = outcome(runtime, target, "first");
        let isTold = false;
        void waiting.then(() => isTold = true);
        const second = await outcome(runtime, target, "second");
        assert.ok(second.ok && second.value === "second");
        assert.equal(isTold, false);
        assert.deepEqual(seen, ["first", "second"]);
        first.resolve("late");
        const result = await waiting;
        assert.ok(result.ok && result.value === "late");
      });
    });

    it("does not exist if the promise rejects: the command fails with that error, and the connection is closed", () => {
      const error = new RangeError("rejected");
      return withReactor(
        () => Promise.reject(error),
        async (runtime, target) => {
          const result = await outcome(runtime, target, "");
          assert.deepEqual(result, { ok: false, error });
          await eventually(
            () => runtime.connectionCount === 0,
            "it is closed, and so is its peer",
          );
        },
      );
    });

    it("is awaited only until the connection closes: then the command fails with ConnectionClosedError, once", () => {
      const never = signal<string>();
      return withReactor(() => never.promise, async (runtime, target) => {
        const results: UserCommandResult[] = [];
        runtime.cmdSender.sendUserCmd(target, "", {
          completion: (result) => void results.push(result),
        });
        await sleep(10);
        assert.equal(results.length, 0);
        target.abort();
        await eventually(() => results.length > 0, "it is told");
        never.resolve("too late");
        await sleep(10);
        assert.equal(results.length, 1);
        const [result] = results;
        assert.ok(!result.ok && result.error instanceof ConnectionClosedError);
        assert.match(result.error.message, /before its onCommand was done/);
      });
    });

    it("does not hold up a stop", () =>
      withReactor(() => new Promise(() => {}), async (runtime, target) => {
        const result = outcome(runtime, target, "");
        void runtime.cmdSender.sendUserCmd(target, ""); // nobody awaits that one
        await sleep(10);
        await runtime.stop({ graceMs: 0 });
        const { ok } = await result;
        assert.equal(ok, false);
      }));

    it("may come from a thenable; one that throws fails the command", () => {
      const error = new Error("then");
      return withReactor((cmd) => ({
        then(resolve: (value: unknown) => void) {
          if (cmd === "throw") throw error;
          resolve("then");
        },
      }), async (runtime, target) => {
        const good = await outcome(runtime, target, "");
        assert.ok(good.ok && good.value === "then");
        const bad = await outcome(runtime, target, "throw");
        assert.deepEqual(bad, { ok: false, error });
      });
    });

    it("has the type that the reactor declares, which a handle knows", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => sink());
        const handle = await runtime.connect(address, {
          ...sink(),
          onCommand: (cmd: string) => Promise.resolve(cmd.length),
        });
        const length = await new Promise<number>((resolve) =>
          runtime.cmdSender.sendUserCmd(handle, "four", {
            completion: (result) => resolve(result.ok ? result.value : NaN),
          })
        );
        assert.equal(length, 4);
        // Never called: it only has to type-check.
        const check = () => {
          // @ts-expect-error -- the reactor takes strings
          runtime.cmdSender.sendUserCmd(handle, 4);
          // @ts-expect-error -- and so does what has its id
          runtime.cmdSender.sendUserCmd(handle.id, { text: "four" });
          runtime.cmdSender.sendUserCmd(handle, "four", {
            // @ts-expect-error -- it returns a number
            completion: (result) => result.ok && result.value.text,
          });
        };
        assert.equal(check.length, 0);
        handle.close();
      }));
  });
}
