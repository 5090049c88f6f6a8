import type { Adapter } from "../../mod.ts";
import { steadyClock } from "../support/steady_clock.ts";
import type { Environment } from "./environment.ts";

/**
 * `environment` with the steady clock, for tests that rely on being in time
 * themselves: no time limit ends while they are held up.
 */
export function steady(environment: Environment): Environment {
  // Simulated time does not pass while anything is held up.
  if (environment.isSimulated) return environment;
  const adapter = new Proxy(environment.adapter, {
    get(inner, name: keyof Adapter) {
      if (name === "clock") return steadyClock;
      const member = inner[name];
      return typeof member === "function" ? member.bind(inner) : member;
    },
  });
  return Object.create(environment, { adapter: { value: adapter } });
}
