import {
  ReceiveCancelledError,
  ReceiveTimeoutError,
} from "../../api/errors.ts";
import type { DispatchContext } from "../../api/reactor.ts";
import { messageOf } from "../../util/text.ts";
import { peerOf } from "../../api/address.ts";
import type { MessagePull } from "./message_pull.ts";
import { RECEIVE_OPTIONS, type ReceiveOptions } from "./receive_options.ts";

/** Receives a message within the limits of `options`. A call that gives up takes no message: the next call gets it. */
export async function receiveWithin<Received>(
  ctx: DispatchContext<never>,
  pull: MessagePull<Received>,
  options: ReceiveOptions,
): Promise<Received | undefined> {
  const { timeoutMs = 0, signal } = RECEIVE_OPTIONS.fill(options);
  if (signal?.aborted) throw receiveCancelled(ctx, signal);
  const asker = {};
  const onAbort = () =>
    pull.giveUp(asker, receiveCancelled(ctx, signal as AbortSignal));
  const timeout = timeoutMs === 0 ? undefined : ctx.after(
    timeoutMs,
    () => pull.giveUp(asker, receiveOverdue(ctx, timeoutMs)),
  );
  try {
    signal?.addEventListener("abort", onAbort, { once: true });
    const { value } = await pull.pull("once", asker);
    return value;
  } finally {
    timeout?.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

function receiveCancelled(
  ctx: DispatchContext<never>,
  signal: AbortSignal,
): ReceiveCancelledError {
  const cause: unknown = signal.reason;
  return new ReceiveCancelledError(
    `Gave up to wait for a message of ${peerOf(ctx.socket)}: ${
      messageOf(cause)
    }`,
    { cause },
  );
}

function receiveOverdue(
  ctx: DispatchContext<never>,
  timeoutMs: number,
): ReceiveTimeoutError {
  return new ReceiveTimeoutError(
    `No message of ${
      peerOf(ctx.socket)
    } came within ${timeoutMs} ms (timeoutMs)`,
  );
}
