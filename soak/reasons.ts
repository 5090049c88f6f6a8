import {
  CloseTimeoutError,
  ConnectionClosedError,
  ConnectionResetError,
  IdleTimeoutError,
  MessageTooLargeError,
  RuntimeStoppedError,
  SendQueueFullError,
  TruncatedMessageError,
} from "../mod.ts";
import type { EndOptions } from "./end_options.ts";

/** Injected on purpose. */
export class InjectedError extends Error {}

/** The received bytes are not even the header of a frame. */
export class GarbageError extends Error {}

/**
 * Reasons that count as faults: the library closed a connection at one of its
 * limits.
 */
const FAULTS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [IdleTimeoutError, "idle timeout"],
  [CloseTimeoutError, "close timeout"],
  [SendQueueFullError, "send queue full"],
]);

/** The fault for which a connection was closed with `reason`. */
export function faultOf(reason: Error | undefined): string | undefined {
  return FAULTS.get(reason?.constructor);
}

/**
 * True if a connection with these options may be closed with `reason`,
 * considering what it received and what was done to it.
 */
export function isExpected(
  reason: Error | undefined,
  options: EndOptions,
  heardGarbage: boolean,
  isAborted: boolean,
  isStopping: boolean,
): boolean {
  switch (reason?.constructor) {
    case undefined:
    case ConnectionResetError:
    case CloseTimeoutError:
    case TruncatedMessageError:
    case InjectedError:
      return true;
    case ConnectionClosedError: // there were unsent bytes
      return isAborted;
    case IdleTimeoutError:
      return options.idleTimeoutMs > 0;
    case SendQueueFullError:
      return options.sendQueueOverflow === "close";
    case MessageTooLargeError:
    case GarbageError:
      return heardGarbage;
    case RuntimeStoppedError:
      return isStopping;
    default:
      return false;
  }
}
