import { MessageResult, type Reactor, type ReactRuntime } from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { serve, watched, type WatchedReactor } from "./peers.ts";
import type { Context } from "./support.ts";

/** What a handler does when it is triggered. */
export type Act = (ctx: Context<string>) => unknown;

/** A connection with a handler that acts, and the peer that triggers it. */
export interface Triggered {
  readonly subject: WatchedReactor<string>;
  readonly ctx: Context<string>;
  readonly peer: Peer;
}

/**
 * Opens a connection that performs `act` in one kind of handler, and triggers
 * it.
 */
export type Trigger = (
  runtime: ReactRuntime<string>,
  act: Act,
) => Promise<Triggered>;

/** Accepts a connection that a reactor with `handlers` serves. */
export async function open(
  environment: Environment,
  runtime: ReactRuntime<string>,
  handlers: Partial<Reactor<string>>,
): Promise<Triggered> {
  const subject = watched<string>(handlers);
  const peer = await environment.connectPeer(
    await serve(environment, runtime, () => subject.reactor),
  );
  return { subject, peer, ctx: await subject.connected };
}

/** A handler that ignores commands. */
export const ignoringCommands: Partial<Reactor<string>> = { onCommand() {} };

/** A trigger for each handler of an open connection. */
export function handlerTriggers(
  environment: Environment,
): Record<string, Trigger> {
  return {
    onConnected: (runtime, act) =>
      open(environment, runtime, {
        ...ignoringCommands,
        onConnected: (ctx) => act(ctx) as void,
      }),

    async onInboundMessage(runtime, act) {
      const triggered = await open(environment, runtime, {
        ...ignoringCommands,
        onInboundMessage: (_buf, ctx) =>
          (act(ctx) ?? MessageResult.dropMsgSize(1)) as MessageResult,
      });
      triggered.peer.write(1);
      return triggered;
    },

    async onReadable(runtime, act) {
      const triggered = await open(environment, runtime, {
        ...ignoringCommands,
        onReadable: (ctx) => act(ctx) as void,
      });
      triggered.peer.write(1);
      return triggered;
    },

    async onCommand(runtime, act) {
      const triggered = await open(environment, runtime, {
        onCommand: (cmd, ctx) => cmd === "act" ? act(ctx) as void : undefined,
      });
      runtime.cmdSender.sendUserCmd(triggered.ctx.id, "act");
      return triggered;
    },

    async onPeerEnd(runtime, act) {
      const triggered = await open(environment, runtime, {
        ...ignoringCommands,
        onPeerEnd: (ctx) => act(ctx) as void,
      });
      triggered.peer.end();
      return triggered;
    },

    async "a send completion"(runtime, act) {
      const triggered = await open(environment, runtime, ignoringCommands);
      triggered.ctx.sendOrQueue(
        Uint8Array.of(1),
        () => act(triggered.ctx) as void,
      );
      return triggered;
    },
  };
}
