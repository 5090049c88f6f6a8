import type { Adapter } from "../../mod.ts";
import { steadyClock } from "./steady_clock.ts";

/** `adapter` with the steady clock. */
export function steadyAdapter(adapter: Adapter): Adapter {
  return new Proxy(adapter, {
    get(inner, name: keyof Adapter) {
      if (name === "clock") return steadyClock;
      const member = inner[name];
      return typeof member === "function" ? member.bind(inner) : member;
    },
  });
}
