import type { Upgrade } from "../../contract/upgrade.ts";
import { read } from "../../util/text.ts";
import { checkOption, custom, type OptionRule, readOption } from "./rules.ts";

export function anUpgrade(): OptionRule<Upgrade> {
  return custom(
    "an upgrade, with begin and handshakeTimeoutMs",
    (value) =>
      typeof read(value, "begin") === "function" &&
      typeof read(value, "handshakeTimeoutMs") === "number",
  );
}

/**
 * The upgrade of a handler; undefined if it has none. Throws
 * `InvalidOptionError` if it is invalid.
 */
export function upgradeOf(
  handler: { readonly upgrade?: Upgrade | undefined },
): Upgrade | undefined {
  const upgrade = readOption(handler, "upgrade");
  if (upgrade !== undefined) checkOption("upgrade", upgrade, anUpgrade());
  return upgrade;
}
