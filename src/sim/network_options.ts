/**
 * What the methods of a simulated network can be given.
 *
 * @module
 */

import type { TlsVersion } from "../contract/tls_info.ts";
import { choice, flag, number, OptionTable } from "../api/options/rules.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { type WriteOwnership, WRITES } from "./options.ts";

/**
 * Options of `SimNetwork.host`, for the first use of the host.
 *
 * @category Simulation
 */
export interface SimHostOptions {
  /** How its sockets take written bytes. Default: the `writes` of the network. */
  readonly writes?: WriteOwnership | undefined;
  /** The newest version of TLS that its sockets speak. Default `"TLSv1.3"`. */
  readonly newestTls?: TlsVersion | undefined;
}

/**
 * Options of `SimNetwork.addName`.
 *
 * @category Simulation
 */
export interface SimNameOptions {
  /** Milliseconds that a look-up of the name takes. 0 to 2^31 - 1, default 0; may have fractions. */
  readonly delayMs?: number | undefined;
}

/**
 * Options of `SimNetwork.partition`.
 *
 * @category Simulation
 */
export interface PartitionOptions {
  /** Cuts only the direction from the first host to the second. Default false. */
  readonly oneWay?: boolean | undefined;
}

/** The options of a host. */
export const SIM_HOST_OPTIONS: OptionTable<SimHostOptions> = new OptionTable<
  SimHostOptions
>({
  writes: choice<WriteOwnership>(WRITES),
  newestTls: choice<TlsVersion>(["TLSv1.2", "TLSv1.3"], "TLSv1.3"),
});

/** The options of a name. */
export const SIM_NAME_OPTIONS: OptionTable<SimNameOptions> = new OptionTable<
  SimNameOptions
>({ delayMs: number(0, MAX_INT32, 0) });

/** The options of a partition. */
export const PARTITION_OPTIONS: OptionTable<PartitionOptions> = new OptionTable<
  PartitionOptions
>({ oneWay: flag(false) });
