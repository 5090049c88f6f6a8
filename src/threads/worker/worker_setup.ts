import type { RuntimeLimits } from "../../api/options/runtime.ts";
import type { LogLevel } from "../../util/log.ts";
import type { ErrorRecord } from "../link/error_record.ts";
import type { Port } from "../link/port.ts";
import type { ReactorUID } from "../reactor_uid.ts";

/** What a worker needs to start. */
export interface WorkerSetup {
  readonly runtimeId: number;
  readonly threadCount: number;
  /** The URL of the module of reactors, unless the worker's program has them. */
  readonly module: string | undefined;
  /** The main thread has the adapter of the module. */
  readonly hasOwnAdapter: boolean;
  readonly runtimeOptions: RuntimeLimits;
  readonly logLevel: LogLevel;
  /** How many workers this runtime has had before. */
  readonly incarnation: number;
  /** The ports to the other workers. */
  readonly ports: readonly (readonly [peer: number, port: Port])[];
  /** The other workers that are gone, and why. */
  readonly losses: readonly (readonly [peer: number, loss: ErrorRecord])[];
  /** The current names. */
  readonly names: readonly (readonly [name: string, uid: ReactorUID])[];
}

/** How often a worker may be replaced, since each has its own generations of reactor ids. */
export const MAX_INCARNATIONS = 1023;

const GENERATIONS = 2 ** 23;

/** The first and last generation of reactor ids of a worker, so that it reuses no id of an earlier one. */
export function generationsOf(incarnation: number): [number, number] {
  return [incarnation * GENERATIONS + 1, (incarnation + 1) * GENERATIONS];
}
