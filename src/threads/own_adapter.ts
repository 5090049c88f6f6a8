import type { Adapter } from "../contract/adapter.ts";
import { InvalidModuleError } from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { MAX_REASON, messageOf, read, textOf } from "../util/text.ts";

/** Creates the adapter of this thread by `make`, the `adapter` of a module of reactors. Throws {@linkcode InvalidModuleError}. */
export function makeAdapter(make: () => Adapter): Adapter {
  let made: Adapter;
  try {
    made = make();
  } catch (cause) {
    throw new InvalidModuleError(
      `Cannot make the adapter of the module: ${messageOf(cause, MAX_REASON)}`,
      { cause },
    );
  }
  for (const name of ["listen", "connect"]) {
    if (typeof read(made, name) === "function") continue;
    forget(made);
    throw new InvalidModuleError(
      `Cannot use ${textOf(made)} as an adapter: it has no ${name}`,
    );
  }
  return made;
}
