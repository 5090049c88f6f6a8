import { MessageResult, type Reactor, type ReactRuntime } from "../../mod.ts";
import type { Ground, Peer } from "./environment.ts";
import { serve, type Watched, watched } from "./peers.ts";
import type { Context } from "./support.ts";

/** What a handler does in a scene. */
export type Act = (ctx: Context<string>) => unknown;

/** A connection of which one handler acts, and the peer that makes it run. */
export interface Stage {
  readonly subject: Watched<string>;
  readonly ctx: Context<string>;
  readonly peer: Peer;
}

/** Opens a connection that does `act` in one kind of handler, and has that run. */
export type Scene = (runtime: ReactRuntime<string>, act: Act) => Promise<Stage>;

/** Accepts a connection that is served by a reactor with `handlers`. */
export async function open(
  ground: Ground,
  runtime: ReactRuntime<string>,
  handlers: Partial<Reactor<string>>,
): Promise<Stage> {
  const subject = watched<string>(handlers);
  const peer = await ground.connectPeer(
    await serve(ground, runtime, () => subject.reactor),
  );
  return { subject, peer, ctx: await subject.connected };
}

/** Commands do nothing unless a scene says more. */
export const deaf: Partial<Reactor<string>> = { onCommand() {} };

/** A scene for each handler of an open connection. */
export function scenesOn(ground: Ground): Record<string, Scene> {
  return {
    onConnected: (runtime, act) =>
      open(ground, runtime, {
        ...deaf,
        onConnected: (ctx) => act(ctx) as void,
      }),

    async onInboundMessage(runtime, act) {
      const stage = await open(ground, runtime, {
        ...deaf,
        onInboundMessage: (_buf, ctx) =>
          (act(ctx) ?? MessageResult.dropMsgSize(1)) as MessageResult,
      });
      stage.peer.write(1);
      return stage;
    },

    async onReadable(runtime, act) {
      const stage = await open(ground, runtime, {
        ...deaf,
        onReadable: (ctx) => act(ctx) as void,
      });
      stage.peer.write(1);
      return stage;
    },

    async onCommand(runtime, act) {
      const stage = await open(ground, runtime, {
        onCommand: (cmd, ctx) => cmd === "act" ? act(ctx) as void : undefined,
      });
      runtime.cmdSender.sendUserCmd(stage.ctx.id, "act");
      return stage;
    },

    async onPeerEnd(runtime, act) {
      const stage = await open(ground, runtime, {
        ...deaf,
        onPeerEnd: (ctx) => act(ctx) as void,
      });
      stage.peer.end();
      return stage;
    },

    async "a send completion"(runtime, act) {
      const stage = await open(ground, runtime, deaf);
      stage.ctx.sendOrQueue(
        Uint8Array.of(1),
        () => act(stage.ctx) as void,
      );
      return stage;
    },
  };
}
