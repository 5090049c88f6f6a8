import { steadyAdapter } from "../support/steady_adapter.ts";
import type { Environment } from "./environment.ts";

/**
 * `environment` with the steady clock, for tests that rely on being in time
 * themselves: no time limit ends while they are held up.
 */
export function steady(environment: Environment): Environment {
  // Simulated time does not pass while anything is held up.
  if (environment.isSimulated) return environment;
  const adapter = steadyAdapter(environment.adapter);
  return Object.create(environment, { adapter: { value: adapter } });
}
