import { MessageResult, type Reactor, type ReactRuntime } from "../../mod.ts";
import { RawPeer, serve, type Watched, watched } from "./peers.ts";
import type { Context } from "./support.ts";

/** What a handler does in a scene. */
export type Act = (ctx: Context<string>) => unknown;

/** A connection of which one handler acts, and the peer that makes it run. */
export interface Stage {
  readonly subject: Watched<string>;
  readonly ctx: Context<string>;
  readonly peer: RawPeer;
}

/** Opens a connection that does `act` in one kind of handler, and has that run. */
export type Scene = (runtime: ReactRuntime<string>, act: Act) => Promise<Stage>;

/** Accepts a connection that is served by a reactor with `handlers`. */
export async function open(
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
export const deaf: Partial<Reactor<string>> = { onCommand() {} };

/** A scene for each handler of an open connection. */
export const scenes: Record<string, Scene> = {
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
