import type { Flag } from "../flags.ts";
import type { Devices } from "./gateway.ts";

/** A flag whose value is a list of unit ids and addresses. */
export function devices(fallback: string, help: string): Flag<Devices> {
  return {
    type: "string",
    fallback: parse(fallback) as Devices,
    help: `${help} (${fallback})`,
    rule: "it needs unit ids and addresses, as 1=host:port,2=host:port",
    parse,
  };
}

function parse(text = ""): Devices | undefined {
  const found = new Map<number, string>();
  for (const one of text.split(",")) {
    const [, unitId, address] = /^(\d{1,3})=(\S+:\d+)$/.exec(one) ?? [];
    if (unitId === undefined || Number(unitId) > 255) return undefined;
    found.set(Number(unitId), address);
  }
  return found;
}
