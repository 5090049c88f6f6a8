/**
 * What a runtime can be given.
 *
 * @module
 */

import type { Adapter } from "../../contract/adapter.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import type { ConnectionOptions } from "./connection.ts";
import { integer, OptionTable } from "./rules.ts";

/**
 * Options of a runtime: defaults for its connections, and the sockets it uses. It
 * takes none of the options that are for a single connect.
 *
 * @category Reactors
 */
export interface RuntimeOptions extends ConnectionOptions {
  /** The sockets and the clock. Default: those of the runtime this runs on. */
  readonly adapter?: Adapter | undefined;
  /**
   * How many bytes the buffers of all connections may have together, for incoming
   * messages and for send queues. From half of it on, a queue of 64 KiB counts as
   * above its `sendHighWaterMark`. Beyond it, the connections that hold the most
   * are aborted with `BufferedBytesError`, as many as necessary, at the end of the
   * turn. 1 to 2^53 - 1, default 1 GiB.
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * A handler that takes so many milliseconds or more is slow, and reported on the
   * channel `reactio:connection:slow-handler`. 0 to 2^31 - 1, default 50.
   */
  readonly slowHandlerMs?: number | undefined;
}

/** {@linkcode RuntimeOptions} but for the sockets. */
export type RuntimeLimits = Omit<RuntimeOptions, "adapter">;

/** What a runtime has besides the defaults for its connections. */
export const RUNTIME_OPTIONS: OptionTable<
  Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">
> = new OptionTable<Pick<RuntimeOptions, "maxBufferedBytes" | "slowHandlerMs">>(
  {
    maxBufferedBytes: integer(1, Number.MAX_SAFE_INTEGER, 2 ** 30),
    slowHandlerMs: integer(0, MAX_INT32, 50),
  },
);
