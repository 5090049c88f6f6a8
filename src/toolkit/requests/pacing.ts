import type { PacedSender } from "../../api/paced_sender.ts";
import type { DispatchContext } from "../../api/reactor.ts";
import { EMPTY } from "../../util/empty.ts";

// Who waits with what they send while the queue of a connection is long.

/** The sender of the connection of `ctx`, for who waits. */
export function pacedSender(ctx: DispatchContext<never>): PacedSender {
  return ctx.sender as PacedSender;
}

/** Calls back when all that is queued is out; not at all if it is lost. */
export function onceOut(sender: PacedSender, callback: () => void): void {
  sender.sendOrQueue(EMPTY, ({ ok }) => {
    if (ok) callback();
  });
}
