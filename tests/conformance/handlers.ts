import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  ConnectionClosedError,
  HandlerError,
  InvalidMessageResultError,
  MessageResult,
  type Reactor,
  ReactorNotFoundError,
  type ReactRuntime,
  type SendResult,
} from "../../mod.ts";
import {
  openPair,
  type Pair,
  RawPeer,
  serve,
  type Watched,
  watched,
} from "./peers.ts";
import {
  ANY_PORT,
  type Context,
  echo,
  eventually,
  quietly,
  signal,
  withRuntime,
} from "./support.ts";

type Act = (ctx: Context<string>) => unknown;

/** A connection of which one handler acts, and the peer that makes it run. */
interface Stage {
  readonly subject: Watched<string>;
  readonly ctx: Context<string>;
  readonly peer: RawPeer;
}

/** Opens a connection that does `act` in one kind of handler, and has that run. */
type Scene = (runtime: ReactRuntime<string>, act: Act) => Promise<Stage>;

async function open(
  runtime: ReactRuntime<string>,
  handlers: Partial<Reactor<string>>,
): Promise<Stage> {
  const subject = watched<string>(handlers);
  const peer = await RawPeer.connect(
    await serve(runtime, () => subject.reactor),
  );
  return { subject, peer, ctx: await subject.connected };
}

/** Commands do nothing unless a scene says more. */
const deaf: Partial<Reactor<string>> = { onCommand() {} };

const scenes: Record<string, Scene> = {
  onConnected: (runtime, act) =>
    open(runtime, { ...deaf, onConnected: (ctx) => act(ctx) as void }),

  async onInboundMessage(runtime, act) {
    const stage = await open(runtime, {
      ...deaf,
      onInboundMessage: (_buf, _newBytes, _size, ctx) =>
        (act(ctx) ?? MessageResult.dropMsgSize(1)) as MessageResult,
    });
    stage.peer.write(1);
    return stage;
  },

  async onReadable(runtime, act) {
    const stage = await open(runtime, {
      ...deaf,
      onReadable: (ctx) => act(ctx) as void,
    });
    stage.peer.write(1);
    return stage;
  },

  async onCommand(runtime, act) {
    const stage = await open(runtime, {
      onCommand: (cmd, ctx) => cmd === "act" ? act(ctx) as void : undefined,
    });
    runtime.cmdSender.sendUserCmd(stage.ctx.reactorId, "act");
    return stage;
  },

  async onPeerEnd(runtime, act) {
    const stage = await open(runtime, {
      ...deaf,
      onPeerEnd: (ctx) => act(ctx) as void,
    });
    stage.peer.end();
    return stage;
  },

  async "a send completion"(runtime, act) {
    const stage = await open(runtime, deaf);
    stage.ctx.sendOrQueue(
      Uint8Array.of(1),
      () => act(stage.ctx) as void,
    );
    return stage;
  },
};

/** What is thrown, and what the connection is then closed with. */
interface Throwing {
  readonly name: string;
  readonly act: Act;
  check(reason: Error | undefined): void;
}

function throwings(): Throwing[] {
  const error = new Error("this one");
  const strange: unknown[] = ["a string", undefined, Object.create(null)];
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
    ...strange.map((thrown): Throwing => ({
      name: `throws ${typeof thrown}, no Error`,
      act() {
        throw thrown;
      },
      check(reason) {
        assert.ok(reason instanceof HandlerError);
        assert.equal(reason.cause, thrown);
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

/** Runs `body`, with handlers that throw, beside a connection that must not notice. */
function besideOthers(
  adapter: Adapter,
  body: (runtime: ReactRuntime<string>) => Promise<void>,
): Promise<void> {
  return quietly(() =>
    withRuntime<string>(adapter, {}, async (runtime) => {
      const bystander = await RawPeer.connect(
        await serve(runtime, () => echo()),
      );
      await body(runtime);
      bystander.write(1, 2, 3);
      await bystander.has(3);
    })
  );
}

/** What handlers may do, and what happens when they throw. */
export function handlerPromises(adapter: Adapter): void {
  throwingPromises(adapter);
  harmlessThrowPromises(adapter);
  actingPromises(adapter);
}

function throwingPromises(adapter: Adapter): void {
  describe(`${adapter.name}: a throwing handler closes its own reactor only`, () => {
    for (const [kind, scene] of Object.entries(scenes)) {
      it(`${kind}: onClose gets what it threw, whatever it is`, () =>
        besideOthers(adapter, async (runtime) => {
          for (const { name, act, check } of throwings()) {
            const { subject, peer } = await scene(runtime, act);
            await peer.ended;
            peer.end();
            const reason = await subject.closed;
            if (kind === "onInboundMessage" && name.includes("promise")) {
              // A promise is no message result: that comes first.
              assert.ok(reason instanceof InvalidMessageResultError, name);
            } else {
              check(reason);
            }
            const { calls } = subject;
            assert.equal(calls.indexOf("onClose"), calls.length - 1, name);
          }
        }));
    }

    it("a throw with messages left hands out none of them", () =>
      besideOthers(adapter, async (runtime) => {
        const { subject, peer } = await open(runtime, {
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

    it("a throwing onCommand fails the command with what it threw", () =>
      besideOthers(adapter, async (runtime) => {
        const error = new Error("this one");
        const { ctx, subject } = await open(runtime, {
          onCommand() {
            throw error;
          },
        });
        const result = await new Promise((completion) =>
          runtime.cmdSender.sendUserCmd(ctx.reactorId, "act", { completion })
        );
        assert.deepEqual(result, { ok: false, error });
        ctx.abort();
        assert.equal(await subject.closed, error);
      }));

    it("a throwing send completion does not keep the others from being called once", () =>
      besideOthers(adapter, async (runtime) => {
        const order: number[] = [];
        const { ctx, subject } = await open(runtime, {});
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
      besideOthers(adapter, async (runtime) => {
        const reason = new Error("aborted");
        const order: number[] = [];
        const { ctx, subject, peer } = await open(runtime, {});
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

function harmlessThrowPromises(adapter: Adapter): void {
  describe(`${adapter.name}: a throw that has no reactor to close is logged`, () => {
    it("onClose: it was the last call anyway", () =>
      besideOthers(adapter, async (runtime) => {
        for (const { act } of throwings()) {
          const { ctx, subject } = await open(runtime, {
            onClose: () => act(ctx) as void,
          });
          const closed = new Promise((completion) =>
            runtime.cmdSender.sendClose(ctx.reactorId, {
              abort: true,
              completion,
            })
          );
          assert.deepEqual(await closed, {
            ok: true,
            reactorId: ctx.reactorId,
          });
          assert.equal(await subject.closed, undefined);
          assert.deepEqual(subject.calls, ["onConnected", "onClose"]);
        }
      }));

    it("a command completion: the next commands are carried out", () =>
      besideOthers(adapter, async (runtime) => {
        const { ctx, subject } = await open(runtime, deaf);
        for (const { act } of throwings()) {
          await new Promise<void>((resolve) =>
            runtime.cmdSender.sendUserCmd(ctx.reactorId, "", {
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
      besideOthers(adapter, async (runtime) => {
        const { ctx, subject } = await open(runtime, {});
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
      besideOthers(adapter, async (runtime) => {
        const acts = throwings().map(({ act }) => act);
        let count = 0;
        const listener = await runtime.listen(ANY_PORT, {
          onNewConnection: () =>
            (acts[count++]?.(undefined as never) ?? { reactor: echo() }) as {
              reactor: Reactor<string>;
            },
        });
        for (const _ of acts) {
          await RawPeer.dropped(runtime.localAddress(listener)!);
        }
        const served = await RawPeer.connect(runtime.localAddress(listener)!);
        served.write(1);
        await served.has(1);
      }));

    it("onStartListen: its own listener is closed, with what it threw", () =>
      besideOthers(adapter, async (runtime) => {
        for (const { act, check } of throwings()) {
          const closed = signal<Error | undefined>();
          const listening = runtime.listen(ANY_PORT, {
            onStartListen: () => act(undefined as never) as void,
            onNewConnection: () => null,
            onCloseListen: (_id, _cmdSender, reason) => closed.resolve(reason),
          });
          await Promise.allSettled([listening]); // a promise rejects too late
          check(await closed.promise);
        }
        assert.equal(runtime.countStreams(), 1);
        await eventually(() => runtime.countReactors() === 2, "only the other");
      }));

    it("onCloseListen: it was the last call anyway", () =>
      besideOthers(adapter, async (runtime) => {
        for (const { act } of throwings()) {
          const id = await runtime.listen(ANY_PORT, {
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

/** What a handler can do to its own connection or another's, and how to see that it happened. */
interface Action {
  readonly name: string;
  act(ctx: Context<string>, noted: string[]): void;
  /** What shows that it happened to a connection that was open. */
  happened(stage: Stage, noted: string[]): Promise<void>;
  /** What shows that it was refused on a connection that is closed. */
  refused(noted: string[]): Promise<void>;
}

const REASON = new Error("wanted");

function notedAs(text: string, noted: string[]): Promise<void> {
  return eventually(() => noted.length > 0, text).then(() =>
    assert.deepEqual(noted, [text])
  );
}

function outcome(result: SendResult): string {
  return result.ok ? "ok" : result.error.name;
}

const actions: Action[] = [
  {
    name: "close",
    act: (ctx) => ctx.close(REASON),
    async happened({ subject, peer }) {
      await peer.ended;
      peer.end();
      assert.equal(await subject.closed, REASON);
      assert.equal(subject.calls.indexOf("onClose"), subject.calls.length - 1);
    },
    refused: async () => {},
  },
  {
    name: "abort",
    act: (ctx) => ctx.abort(REASON),
    async happened({ subject }) {
      assert.equal(await subject.closed, REASON);
      assert.equal(subject.calls.indexOf("onClose"), subject.calls.length - 1);
    },
    refused: async () => {},
  },
  {
    name: "send",
    act(ctx, noted) {
      ctx.sendOrQueue(
        Uint8Array.of(1, 2, 3),
        (result) => void noted.push(outcome(result)),
      );
    },
    async happened({ peer }, noted) {
      await peer.has(3);
      await notedAs("ok", noted);
    },
    refused: (noted) => notedAs(ConnectionClosedError.name, noted),
  },
  {
    name: "command",
    act: (ctx, noted) =>
      void ctx.cmdSender.sendUserCmd(ctx.reactorId, "", {
        completion: (result) => void noted.push(outcome(result)),
      }),
    happened: (_stage, noted) => notedAs("ok", noted),
    refused: (noted) => notedAs(ReactorNotFoundError.name, noted),
  },
];

/** Scenes in which a handler runs when its connection is gone. */
const lateScenes: Record<string, Scene> = {
  async onClose(runtime, act) {
    const stage: Stage = await open(runtime, {
      ...deaf,
      onClose: () => act(stage.ctx) as void,
    });
    stage.ctx.abort();
    return stage;
  },
};

const moreScenes: Record<string, Scene> = {
  async "a command completion"(runtime, act) {
    const stage = await open(runtime, deaf);
    runtime.cmdSender.sendUserCmd(stage.ctx.reactorId, "", {
      completion: () => act(stage.ctx) as void,
    });
    return stage;
  },
};

function actingPromises(adapter: Adapter): void {
  describe(`${adapter.name}: from any handler it is allowed to close, abort, send and command`, () => {
    /** Does each action on `target(own)` from each of `some` scenes. */
    function promise(
      some: Record<string, Scene>,
      toItself: boolean,
      isGone: boolean,
    ): void {
      for (const [kind, scene] of Object.entries(some)) {
        it(`from ${kind}, ${toItself ? "to itself" : "to another"}`, () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            for (const { act, happened, refused } of actions) {
              const noted: string[] = [];
              const other = await open(runtime, deaf);
              let done = false;
              const stage = await scene(runtime, (ctx) => {
                if (done) return;
                done = true;
                act(toItself ? ctx : other.ctx, noted);
              });
              await eventually(() => done, `${kind} runs`);
              if (isGone) await refused(noted);
              else await happened(toItself ? stage : other, noted);
              stage.ctx.abort();
              other.ctx.abort();
              await stage.subject.closed;
              await other.subject.closed;
            }
          }));
      }
    }
    promise({ ...scenes, ...moreScenes }, true, false);
    promise({ ...scenes, ...moreScenes, ...lateScenes }, false, false);
    promise(lateScenes, true, true);

    it("two connections that close each other at once both hear of it once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pair: Pair<unknown> = await openPair<unknown>(runtime, {
          onCommand(_cmd, ctx) {
            pair.clientCtx.close();
            ctx.close();
          },
        });
        const { server, client, serverCtx } = pair;
        runtime.cmdSender.sendUserCmd(serverCtx.reactorId, "");
        assert.equal(await server.closed, undefined);
        assert.equal(await client.closed, undefined);
        assert.deepEqual(server.calls, ["onConnected", "onCommand", "onClose"]);
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
      }));
  });
}
