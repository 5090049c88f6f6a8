import type { PacedSender } from "../api/paced_sender.ts";
import type { DispatchContext } from "../api/reactor.ts";
import { EMPTY } from "../util/empty.ts";

// Clients and servers of requests stop sending while the queue of a connection is long.

/** The sender of `ctx`, which can say when it is paced. */
export function pacedSender(ctx: DispatchContext<never>): PacedSender {
  return ctx.sender as PacedSender;
}

/** Calls back when everything queued is out; never if it is lost. */
export function onceOut(sender: PacedSender, callback: () => void): void {
  sender.sendOrQueue(EMPTY, ({ ok }) => {
    if (ok) callback();
  });
}
