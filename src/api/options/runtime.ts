/**
 * Options of a runtime.
 *
 * @module
 */

import type { Adapter } from "../../contract/adapter.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import type { ConnectionOptions } from "./connection.ts";
import { integer, OptionTable } from "./rules.ts";

/**
 * Options of a runtime: defaults for its connections, and the adapter. Options
 * of a single connect are not among them.
 *
 * @category Reactors
 */
export interface RuntimeOptions extends ConnectionOptions {
  /**
   * The adapter, with sockets and clock. Default: that of the current runtime,
   * such as Node.
   */
  readonly adapter?: Adapter | undefined;
  /**
   * The most bytes that the buffers of all connections may hold together, for
   * incoming messages and for send queues. Above half of it, a queue of 64 KiB
   * counts as above its `sendHighWaterMark`. Above all of it, the connections
   * that hold the most are aborted with `BufferedBytesError`, as many as
   * necessary, at the end of the turn. 1 to 2^53 - 1, default 1 GiB.
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * A handler that takes this many milliseconds or more is slow, and reported
   * on the channel `reactio:connection:slow-handler`. 0 to 2^31 - 1, default
   * 50.
   */
  readonly slowHandlerMs?: number | undefined;
}

/** {@linkcode RuntimeOptions} without the adapter. */
export type RuntimeLimits = Omit<RuntimeOptions, "adapter">;

/**
 * The options of a runtime itself, without the defaults for its connections.
 */
export const RUNTIME_OPTIONS: OptionTable<
  Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">
> = new OptionTable<Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">>(
  {
    maxBufferedBytes: integer(1, Number.MAX_SAFE_INTEGER, 2 ** 30),
    slowHandlerMs: integer(0, MAX_INT32, 50),
  },
);
