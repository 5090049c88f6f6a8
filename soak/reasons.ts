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

/** Thrown on purpose. */
export class InjectedError extends Error {}

/** What came in is not even the head of a frame. */
export class GarbageError extends Error {}

/** The reasons that are faults: the library has ended a connection because it hit a bound. */
const FAULTS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [IdleTimeoutError, "idle timeout"],
  [CloseTimeoutError, "close timeout"],
  [SendQueueFullError, "send queue full"],
]);

/** The fault that a connection which was closed with `reason` has met. */
export function faultOf(reason: Error | undefined): string | undefined {
  return FAULTS.get(reason?.constructor);
}

/** True if a connection with these `options`, aborted or not, whose runtime is stopping or not, may be closed with `reason`. */
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
    case ConnectionClosedError: // with bytes not sent
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
