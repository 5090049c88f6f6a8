import type { RuntimeLimits } from "../../api/options/runtime.ts";
import type { LogLevel } from "../../util/log.ts";
import type { ErrorRecord } from "../link/error_record.ts";
import type { Port } from "../link/port.ts";
import type { ReactorUID } from "../reactor_uid.ts";

/** What a worker is told when it starts. */
export interface WorkerSetup {
  readonly runtimeId: number;
  readonly threadCount: number;
  /** The URL of the module of reactors, unless the worker's program has them. */
  readonly module: string | undefined;
  /** The main thread has the adapter of the module. */
  readonly hasOwnAdapter: boolean;
  readonly runtimeOptions: RuntimeLimits;
  readonly logLevel: LogLevel;
  /** How many workers this runtime had before. */
  readonly incarnation: number;
  /** The ways to the other workers. */
  readonly ports: readonly (readonly [peer: number, port: Port])[];
  /** The other workers that are away, and by what they were lost. */
  readonly losses: readonly (readonly [peer: number, loss: ErrorRecord])[];
  /** The names there are. */
  readonly names: readonly (readonly [name: string, uid: ReactorUID])[];
}

/** How often a worker may be replaced: each has generations of reactor ids of its own. */
export const MAX_INCARNATIONS = 1023;

const GENERATIONS = 2 ** 23;

/** The first and last generation of reactor ids, so that no worker gives an id that one before it gave. */
export function generationsOf(incarnation: number): [number, number] {
  return [incarnation * GENERATIONS + 1, (incarnation + 1) * GENERATIONS];
}
