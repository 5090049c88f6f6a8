import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
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
  setLogSink,
} from "../../mod.ts";
import type { Ground } from "./ground.ts";
import { openPair, serve } from "./peers.ts";
import { quietly, signal, sink, withRuntime } from "./support.ts";

const NOBODY = 1 as ReactorID;

/** What the commands do with arguments that are none. */
export function argumentPromises(ground: Ground): void {
  const { adapter, anyPort, eventually } = ground;
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
            cmdSender.sendListen(anyPort, listener as never, { completion }),
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
              cmdSender.sendListen(anyPort, handler, {
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

    it("a command to what is no id reaches nobody, at once or deferred, awaited or not", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(ground, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const id = serverCtx.reactorId;
        const strange = [`${id}`, BigInt(id), [id], { valueOf: () => id }];
        const targets = [...strange, Symbol("id"), id + 0.5, NaN, null];
        const errors: unknown[] = [];
        const before = setLogSink(({ parts }) => void errors.push(parts[1]));
        try {
          for (const target of targets as ReactorID[]) {
            for (const deferred of [Deferred.immediate, Deferred.after(1)]) {
              const { cmdSender } = runtime;
              cmdSender.sendUserCmd(target, "not awaited", { deferred });
              cmdSender.sendUserCmd(target, "awaited", {
                deferred,
                completion: (result) => {
                  errors.push(result.ok ? undefined : result.error);
                },
              });
            }
          }
          await eventually(
            () => errors.length === 4 * targets.length,
            "all have failed",
          );
        } finally {
          setLogSink(before);
        }
        for (const error of errors) {
          assert.ok(error instanceof ReactorNotFoundError, `${error}`);
        }
        assert.deepEqual(seen, []);
      }));

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
          runtime.listen(anyPort, undefined as never),
          InvalidReactorError,
        );
        await assert.rejects(
          runtime.listen(anyPort, handler, { backlog: 0 }),
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
          const address = await serve<string>(ground, runtime, () => ({
            onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          }));
          await runtime.connect(address, sink());
        })
      ));
  });
}
