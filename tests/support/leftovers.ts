import type { ReactRuntime } from "../../mod.ts";

/** What `runtime` still holds: nothing may be left after it was stopped. */
export function leftIn<UserCommand>(
  runtime: ReactRuntime<UserCommand>,
): Record<string, number> {
  return {
    reactors: runtime.reactorCount,
    connections: runtime.connectionCount,
    "deferred commands": runtime.deferredCommandCount,
  };
}
