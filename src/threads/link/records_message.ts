import { SEARCHES_MESSAGES } from "../worker_threads.ts";
import type { Batch, LoneCommand } from "./batch.ts";

/** The message that carries `records`, in which there are no ports. */
export function messageWith(records: Batch | LoneCommand): unknown {
  return SEARCHES_MESSAGES ? new Set([records]) : records;
}

/** The records that `message` carries; undefined if it is of another kind. */
export function recordsIn(message: unknown): Batch | LoneCommand | undefined {
  const records = message instanceof Set ? [...message][0] : message;
  return Array.isArray(records)
    ? records as unknown as Batch | LoneCommand
    : undefined;
}
