import type { ReactRuntime } from "../../mod.ts";

/** What `runtime` has: nothing of it may be left when it is stopped. */
export function leftIn<UserCommand>(
  runtime: ReactRuntime<UserCommand>,
): Record<string, number> {
  return {
    reactors: runtime.reactorCount,
    connections: runtime.connectionCount,
    "deferred commands": runtime.deferredCommandCount,
  };
}
