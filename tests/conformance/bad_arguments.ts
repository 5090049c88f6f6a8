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
  ReactioError,
  type ReactorID,
  ReactorNotFoundError,
  ReactRuntime,
  RuntimeStoppedError,
} from "../../mod.ts";
import { withoutText } from "./bad_values.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve } from "./peers.ts";
import {
  logging,
  PeerLines,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./support.ts";
import { asTcp } from "../support/tcp.ts";

const NOBODY = 1 as ReactorID;

/** How commands treat invalid arguments. */
export function argumentPromises(environment: Environment): void {
  const { adapter, anyPort, eventually } = environment;
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
          assert.equal(runtime.reactorCount, 0);
        })
      ));

    it("a command whose target is not an id reaches no reactor, immediate or deferred, awaited or not", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen: string[] = [];
        const { serverCtx } = await openPair<string>(environment, runtime, {
          onCommand: (cmd) => void seen.push(cmd),
        });
        const id = serverCtx.id;
        const strange = [`${id}`, BigInt(id), [id], { valueOf: () => id }];
        const targets = [
          ...strange,
          ...withoutText(),
          id + 0.5,
          NaN,
          null,
        ];
        const errors: unknown[] = [];
        const log = new PeerLines();
        await logging(log.sink, async () => {
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
            () => errors.length === 2 * targets.length,
            "all have failed",
          );
          await runtime.stop(); // then the log is complete
        });
        assert.equal(log.count, 2 * targets.length);
        for (const error of errors) {
          assert.ok(
            error instanceof ReactorNotFoundError ||
              error instanceof InvalidReactorError,
            `${error}`,
          );
        }
        for (const { parts } of log.lines) {
          assert.match(
            `${parts[0]}`,
            /^Did not .*: (ReactorNotFound|InvalidReactor)Error: /,
          );
        }
        assert.deepEqual(seen, []);
      }));

    it("an id, address, option, reactor or handler that cannot be read fails its command and nothing else: no method throws, and stop resolves", () =>
      quietly(async () => {
        const runtime = new ReactRuntime({ adapter });
        await openPair(environment, runtime);
        const { cmdSender } = runtime;
        const results: CommandResult[] = [];
        const completion = (result: CommandResult) => void results.push(result);
        let sentCount = 0;
        for (const value of withoutText() as never[]) {
          const option = { completion, maxConnections: value };
          const sends = [
            () => cmdSender.sendConnect(value, sink(), { completion }),
            () => cmdSender.sendConnect(anyPort, value, { completion }),
            () =>
              cmdSender.sendConnect(anyPort, sink(), {
                completion,
                connectTimeoutMs: value,
              }),
            () => cmdSender.sendListen(value, handler, { completion }),
            () => cmdSender.sendListen(anyPort, value, { completion }),
            () => cmdSender.sendListen(anyPort, handler, option),
            () => cmdSender.sendClose(value, { completion }),
            () => cmdSender.sendClose(NOBODY, { completion, deferred: value }),
            () => cmdSender.sendUserCmd(value, value, { completion }),
            () =>
              cmdSender.sendUserCmd(NOBODY, value, {
                completion,
                deferred: { kind: "after", ms: value },
              }),
          ];
          for (const send of sends) {
            assert.notEqual(send(), INVALID_COMMAND_ID);
            sentCount++;
          }
          // Nobody awaits these. Some are executed if only their options are
          // invalid.
          cmdSender.sendConnect(value, value, value);
          cmdSender.sendListen(value, value, value);
          cmdSender.sendClose(value, value);
          cmdSender.sendUserCmd(value, value, value);
          assert.equal(cmdSender.cancel(value), false);
        }
        // Deferred commands fail at once, and keep nothing waiting.
        cmdSender.sendConnect(Symbol("a") as never, sink(), {
          deferred: Deferred.after(3_600_000),
          completion,
        });
        sentCount++;
        await eventually(() => results.length === sentCount, "all are told");
        for (const result of results) {
          assert.ok(!result.ok && result.error instanceof ReactioError);
        }
        assert.equal(runtime.connectionCount, 2);
        assert.equal(runtime.reactorCount, 3);
        await runtime.stop();
      }));

    it("a command whose options cannot be read fails, with the reason as its cause", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const { cmdSender } = runtime;
          const cause = new Error("not to be read");
          for (const name of ["deferred", "abort"]) {
            const told = signal<CommandResult>();
            cmdSender.sendClose(NOBODY, {
              completion: told.resolve,
              get [name](): never {
                throw cause;
              },
            });
            const result = await told.promise;
            assert.ok(!result.ok);
            assert.ok(result.error instanceof InvalidOptionError);
            assert.equal(result.error.cause, cause);
          }
        })
      ));

    it("an argument may stop the runtime while it is read: then nothing begins, and stop resolves", async () => {
      for (const isListen of [false, true]) {
        const runtime = new ReactRuntime({ adapter });
        let stopped = Promise.resolve();
        const address = {
          get hostname() {
            stopped = runtime.stop();
            return "127.0.0.1";
          },
          port: isListen ? 0 : 1,
        };
        await assert.rejects(
          isListen
            ? runtime.listen(address, handler)
            : runtime.connect(address, sink()),
          RuntimeStoppedError,
        );
        await stopped;
        assert.equal(runtime.reactorCount, 0);
      }
    });

    it("an address is read once, when it is given", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { hostname, port } = asTcp(
          await serve(environment, runtime, () => sink()),
        );
        let readCount = 0;
        const address = {
          get hostname() {
            return ++readCount % 2 === 1 ? hostname : "no.such.host.invalid";
          },
          port,
        };
        await runtime.connect(address, sink());
        assert.equal(readCount, 1);
        const told = signal<CommandResult>();
        readCount = 0;
        runtime.cmdSender.sendConnect(address, sink(), {
          completion: told.resolve,
        });
        assert.equal(readCount, 1);
        assert.ok((await told.promise).ok);
        assert.equal(readCount, 1);
      }));

    it("options of a command are read once, when it is sent, whatever object they are in", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const told = signal<CommandResult>();
        class Options {
          static readCount = 0;
          readonly completion = told.resolve;
          get maxConnections() {
            Options.readCount++;
            return -5;
          }
        }
        runtime.cmdSender.sendListen(
          `${environment.hosts[0]}:0`,
          { onNewConnection: () => null },
          new Options(),
        );
        assert.equal(Options.readCount, 1);
        const result = await told.promise;
        assert.ok(!result.ok && result.error instanceof InvalidOptionError);
        assert.equal(Options.readCount, 1);
      }));

    it("a promise in place of an address, a reactor, a handler or options fails or is ignored, and its rejection ends nothing", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const promise = () => Promise.reject(new Error("rejected")) as never;
          const { cmdSender } = runtime;
          const asCommand = (
            send: (completion: (result: CommandResult) => void) => void,
          ) =>
            new Promise<CommandResult>(send).then((result) => {
              if (!result.ok) throw result.error;
            });
          const address = await serve(environment, runtime, () => sink());
          const wrong: [new (message: string) => Error, Promise<unknown>][] = [
            [InvalidAddressError, runtime.connect(promise(), sink())],
            [InvalidReactorError, runtime.connect(address, promise())],
            [InvalidAddressError, runtime.listen(promise(), handler)],
            [InvalidReactorError, runtime.listen(anyPort, promise())],
            [
              InvalidAddressError,
              asCommand((completion) =>
                cmdSender.sendConnect(promise(), sink(), { completion })
              ),
            ],
            [
              InvalidReactorError,
              asCommand((completion) =>
                cmdSender.sendConnect(address, promise(), { completion })
              ),
            ],
            [
              InvalidAddressError,
              asCommand((completion) =>
                cmdSender.sendListen(promise(), handler, { completion })
              ),
            ],
            [
              InvalidReactorError,
              asCommand((completion) =>
                cmdSender.sendListen(anyPort, promise(), { completion })
              ),
            ],
          ];
          await Promise.all(
            wrong.map(([errorClass, failing]) =>
              assert.rejects(failing, errorClass)
            ),
          );
          await runtime.connect(address, sink(), promise());
          await runtime.listen(anyPort, handler, promise());
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
        for (const value of [...withoutText(), null, -7] as never[]) {
          const failing = await Promise.allSettled([
            runtime.connect(value, value, value),
            runtime.listen(value, value, value),
            runtime.connect("127.0.0.1:1", sink(), { noDelay: value }),
            runtime.listen(anyPort, handler, { backlog: value }),
            runtime.run({ signal: value }),
            runtime.stop({ graceMs: value }),
          ]);
          for (const result of failing) {
            assert.ok(result.status === "rejected");
            assert.ok(result.reason instanceof ReactioError);
          }
          await assert.rejects(
            runtime.processEvents({ timeoutMs: value }),
            InvalidOptionError,
          );
        }
      }));

    it("Deferred accepts only times", () => {
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
          const address = await serve<string>(environment, runtime, () => ({
            onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          }));
          await runtime.connect(address, sink());
        })
      ));
  });
}
