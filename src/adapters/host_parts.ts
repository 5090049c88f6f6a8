import type { Adapter } from "../contract/adapter.ts";
import { hostChannel } from "./diagnostics.ts";
import { hostClock } from "./host_clock.ts";
import { hostEnvironment } from "./host_environment.ts";
import { hostSignals } from "./host_signals.ts";
import { endOfTurn } from "./immediates.ts";
import { systemTransports, systemUnixPaths } from "./host_system.ts";
import { lookUp } from "./name_lookup.ts";

/** The members that the adapters of all runtimes share. */
export const hostParts = {
  transports: systemTransports,
  unixPaths: systemUnixPaths,
  clock: hostClock,
  random: Math.random,
  diagnostics: hostChannel,
  signals: hostSignals,
  environment: hostEnvironment,
  endOfTurn,
  resolve: lookUp,
} satisfies Partial<Adapter>;
