import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  HandlerError,
  InvalidMessageResultError,
  type ListenerContext,
  type Reactor,
  type ReactRuntime,
  SimpleIoListener,
  type TcpListenerHandler,
} from "../../mod.ts";
import { actingPromises } from "./handler_actions.ts";
import type { Environment } from "./environment.ts";
import { serve } from "./peers.ts";
import { refusingPromises } from "./throw_or_close.ts";
import {
  type Act,
  handlerTriggers,
  ignoringCommands,
  open,
} from "./handler_triggers.ts";
import { echo, logging, signal, withRuntime } from "./support.ts";

/**
 * What a handler throws, and the error that the connection is then closed with.
 */
interface Throwing {
  readonly name: string;
  readonly act: Act;
  check(reason: Error | undefined): void;
}

function throwings(): Throwing[] {
  const error = new Error("this one");
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const strange: unknown[] = [
    "a string",
    undefined,
    Object.create(null),
    Symbol("s"),
    null,
    revoked,
  ];
  return [
    {
      name: "throws",
      act() {
        throw error;
      },
      check: (reason) => assert.equal(reason, error),
    },
    {
      name: "returns a promise that rejects",
      act: () => Promise.reject(error),
      check: (reason) => assert.equal(reason, error),
    },
    {
      name: "returns a thenable that throws",
      act: () => ({
        then() {
          throw error;
        },
      }),
      check: (reason) => assert.equal(reason, error),
    },
    {
      name: "throws an error that cannot be read",
      act() {
        throw unreadable;
      },
      check: (reason) => assert.ok(reason === unreadable),
    },
    ...strange.map((thrown): Throwing => ({
      name: `throws ${typeof thrown}, no Error`,
      act() {
        throw thrown;
      },
      check(reason) {
        assert.ok(reason instanceof HandlerError);
        assert.ok(Object.is(reason.cause, thrown));
      },
    })),
    {
      name: "returns a promise that rejects with a string, no Error",
      act: () => Promise.reject("a string"),
      check(reason) {
        assert.ok(reason instanceof HandlerError);
        assert.equal(reason.cause, "a string");
      },
    },
  ];
}

const unreadable = new Proxy(new Error("not to be read"), {
  get(_target, key) {
    if (key === "then") return undefined; // promises resolve with this object
    throw new Error("not to be read");
  },
});

/**
 * Runs `body`, whose handlers throw, beside a connection that must not be
 * affected.
 */
function besideOthers(
  environment: Environment,
  body: (runtime: ReactRuntime<string>) => Promise<void>,
): Promise<void> {
  return logging(
    () => {},
    () =>
      withRuntime<string>(environment.adapter, {}, async (runtime) => {
        const bystander = await environment.connectPeer(
          await serve(environment, runtime, () => echo()),
        );
        bystander.write(1, 2, 3);
        await bystander.has(3);
        await body(runtime);
        bystander.write(4, 5, 6);
        await bystander.has(6);
      }),
  );
}

/** What handlers may do, and what happens when they throw. */
export function handlerPromises(environment: Environment): void {
  throwingPromises(environment);
  refusingPromises(environment);
  harmlessThrowPromises(environment);
  actingPromises(environment);
}

function throwingPromises(environment: Environment): void {
  const { adapter, eventually } = environment;
  describe(`${adapter.name}: a throwing handler closes its own reactor only`, () => {
    for (
      const [kind, trigger] of Object.entries(handlerTriggers(environment))
    ) {
      it(`${kind}: onClose gets what it threw, whatever it is`, () =>
        besideOthers(environment, async (runtime) => {
          for (const { name, act, check } of throwings()) {
            const { subject, peer } = await trigger(runtime, act);
            await peer.ended;
            peer.end();
            const reason = await subject.closed;
            if (kind === "onInboundMessage" && name.includes("promise")) {
              // First of all, a promise is not a message result.
              assert.ok(reason instanceof InvalidMessageResultError, name);
            } else {
              check(reason);
            }
            const { calls } = subject;
            assert.equal(calls.indexOf("onClose"), calls.length - 1, name);
          }
        }));
    }

    it("after a throw no further messages are handed out", () =>
      besideOthers(environment, async (runtime) => {
        const { subject, peer } = await open(environment, runtime, {
          onInboundMessage() {
            throw new Error("at the first");
          },
        });
        peer.write(1, 2, 3);
        await peer.ended;
        peer.write(4);
        peer.end();
        await subject.closed;
        assert.deepEqual(subject.calls, [
          "onConnected",
          "onInboundMessage",
          "onClose",
        ]);
      }));

    it("ctx.watch, whoever began the work: onClose gets what it rejected with, whatever it is", () =>
      besideOthers(environment, async (runtime) => {
        const error = new Error("this one");
        const thenable = {
          then(_resolve: unknown, reject: (thrown: unknown) => void) {
            reject(error);
          },
        };
        const works: [begin: () => PromiseLike<unknown>, expected: unknown][] =
          [
            [() => Promise.reject(error), error],
            [() => thenable as PromiseLike<unknown>, error],
            [() => Promise.reject("a string"), "a string"],
          ];
        for (const [begin, expected] of works) {
          const { subject, peer, ctx } = await open(environment, runtime, {});
          ctx.watch(Promise.resolve("fine"));
          ctx.watch(undefined as never);
          ctx.watch(begin());
          await peer.ended;
          peer.end();
          const reason = await subject.closed;
          assert.equal(
            reason instanceof HandlerError ? reason.cause : reason,
            expected,
          );
          if (reason instanceof HandlerError) {
            assert.match(reason.message, /^a promise that it watches threw "a/);
          }
          ctx.watch(Promise.reject(error)); // only logged
        }
      }));

    it("a throwing onCommand fails the command with what it threw", () =>
      besideOthers(environment, async (runtime) => {
        const error = new Error("this one");
        const { ctx, subject } = await open(environment, runtime, {
          onCommand() {
            throw error;
          },
        });
        const result = await new Promise((completion) =>
          runtime.cmdSender.sendUserCmd(ctx.id, "act", { completion })
        );
        assert.deepEqual(result, { ok: false, error });
        ctx.abort();
        assert.equal(await subject.closed, error);
      }));

    it("a throwing send completion does not keep the others from being called once", () =>
      besideOthers(environment, async (runtime) => {
        const order: number[] = [];
        const { ctx, subject } = await open(environment, runtime, {});
        for (let i = 0; i < 5; i++) {
          ctx.sendOrQueue(Uint8Array.of(i), () => {
            order.push(i);
            throw new Error(`completion ${i}`);
          });
        }
        await eventually(() => order.length >= 5, "all are called");
        ctx.abort();
        assert.equal((await subject.closed)?.message, "completion 0");
        assert.deepEqual(order, [0, 1, 2, 3, 4]);
      }));

    it("throwing completions of sends that fail are all called, and the first reason stays", () =>
      besideOthers(environment, async (runtime) => {
        const reason = new Error("aborted");
        const order: number[] = [];
        const { ctx, subject, peer } = await open(environment, runtime, {});
        peer.pause();
        for (let i = 0; i < 5; i++) {
          ctx.sendOrQueue(new Uint8Array(2 ** 22), () => {
            order.push(i);
            throw new Error(`completion ${i}`);
          });
        }
        ctx.abort(reason);
        assert.equal(await subject.closed, reason);
        assert.deepEqual(order, [0, 1, 2, 3, 4]);
        peer.destroy();
      }));
  });
}

function harmlessThrowPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, dropped, eventually } = environment;
  describe(`${adapter.name}: a throw that has no reactor to close is logged`, () => {
    it("onClose: it was the last call anyway", () =>
      besideOthers(environment, async (runtime) => {
        for (const { act } of throwings()) {
          const { ctx, subject } = await open(environment, runtime, {
            onClose: () => act(ctx) as void,
          });
          const closed = new Promise((completion) =>
            runtime.cmdSender.sendClose(ctx.id, {
              abort: true,
              completion,
            })
          );
          assert.deepEqual(await closed, {
            ok: true,
            reactorId: ctx.id,
          });
          assert.equal(await subject.closed, undefined);
          assert.deepEqual(subject.calls, ["onConnected", "onClose"]);
        }
      }));

    it("a command completion: the next commands are carried out", () =>
      besideOthers(environment, async (runtime) => {
        const { ctx, subject } = await open(
          environment,
          runtime,
          ignoringCommands,
        );
        for (const { act } of throwings()) {
          await new Promise<void>((resolve) =>
            runtime.cmdSender.sendUserCmd(ctx.id, "", {
              completion() {
                resolve();
                return act(ctx) as void;
              },
            })
          );
        }
        assert.ok(!subject.calls.includes("onClose"));
      }));

    it("the completion of a send that was refused", () =>
      besideOthers(environment, async (runtime) => {
        const { ctx, subject } = await open(environment, runtime, {});
        ctx.abort();
        for (const { act } of throwings()) {
          await new Promise<void>((resolve) =>
            ctx.sendOrQueue(Uint8Array.of(1), () => {
              resolve();
              return act(ctx) as void;
            })
          );
        }
        assert.equal(await subject.closed, undefined);
      }));

    it("onNewConnection: the connection is dropped, the listener goes on", () =>
      besideOthers(environment, async (runtime) => {
        const acts = throwings().map(({ act }) => act);
        let count = 0;
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () =>
            (acts[count++]?.(undefined as never) ?? { reactor: echo() }) as {
              reactor: Reactor<string>;
            },
        });
        for (const _ of acts) {
          await dropped(listener.address);
        }
        const served = await connectPeer(listener.address);
        served.write(1);
        await served.has(1);
      }));

    it("a factory that fails or promises drops the connection, and the listener goes on", () =>
      besideOthers(environment, async (runtime) => {
        const acts = throwings().map(({ act }) => act);
        const factories: ((act: Act) => TcpListenerHandler<never>)[] = [
          (act) =>
            new DefaultTcpListenerHandler<never>(() =>
              act(undefined as never) as Reactor<never>
            ),
          (act) =>
            new SimpleIoListener(() =>
              act(undefined as never) as Reactor<never>
            ),
          (act) => ({
            onNewConnection: () => ({
              reactor: act(undefined as never) as Reactor<never>,
            }),
          }),
        ];
        for (const factory of factories) {
          const dropping: ListenerContext[] = [];
          let next = 0;
          const listener = await runtime.listen(anyPort, {
            onNewConnection(listening, socket) {
              dropping[0] = listening;
              return next < acts.length
                ? factory(acts[next++]).onNewConnection(listening, socket)
                : { reactor: echo<string>() };
            },
          });
          const address = listener.address;
          for (const _ of acts) await dropped(address);
          const served = await connectPeer(address);
          served.write(1);
          await served.has(1);
          const [{ dropCount, connectionCount }] = dropping;
          assert.equal(dropCount, acts.length);
          assert.equal(connectionCount, 1);
        }
      }));

    it("onStartListen: its own listener is closed, with what it threw", () =>
      besideOthers(environment, async (runtime) => {
        for (const { act, check } of throwings()) {
          const closed = signal<Error | undefined>();
          const listening = runtime.listen(anyPort, {
            onStartListen: () => act(undefined as never) as void,
            onNewConnection: () => null,
            onCloseListen: (reason) => closed.resolve(reason),
          });
          await Promise.allSettled([listening]); // rejects too late to matter
          check(await closed.promise);
        }
        assert.equal(runtime.connectionCount, 1);
        await eventually(() => runtime.reactorCount === 2, "only the other");
      }));

    it("onCloseListen: it was the last call anyway", () =>
      besideOthers(environment, async (runtime) => {
        for (const { act } of throwings()) {
          const { id } = await runtime.listen(anyPort, {
            onNewConnection: () => null,
            onCloseListen: () => act(undefined as never) as void,
          });
          const closed = await new Promise((completion) =>
            runtime.cmdSender.sendClose(id, { completion })
          );
          assert.deepEqual(closed, { ok: true, reactorId: id });
        }
      }));
  });
}
