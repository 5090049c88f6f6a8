import { type Flag, isAddress } from "../flags.ts";
import type { Devices } from "./gateway.ts";

/** A flag whose value is a list of unit ids and addresses. */
export function devices(fallback: string, help: string): Flag<Devices> {
  const parsed = parse(fallback);
  if (parsed === undefined) throw new TypeError(`no devices: ${fallback}`);
  return {
    type: "string",
    fallback: parsed,
    help: `${help} (${fallback})`,
    rule:
      "it needs unit ids, each once, and addresses, as 1=host:port,2=host:port",
    parse,
  };
}

function parse(text = ""): Devices | undefined {
  const found = new Map<number, string>();
  for (const one of text.split(",")) {
    const [, digits, address = ""] = /^(\d{1,3})=(.+)$/.exec(one) ?? [];
    const unitId = Number(digits);
    const isNew = unitId <= 255 && !found.has(unitId);
    if (!isNew || !isAddress(address, 1)) return undefined;
    found.set(unitId, address);
  }
  return found;
}
