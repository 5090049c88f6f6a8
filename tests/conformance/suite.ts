import type { Adapter } from "../../mod.ts";
import { commandPromises } from "./commands.ts";
import { failurePromises } from "./failures.ts";
import { lifecyclePromises } from "./lifecycle.ts";
import { transferPromises } from "./transfer.ts";
import { turnPromises } from "./turns.ts";

/** Everything that the library promises on any adapter. */
export function conformance(adapter: Adapter): void {
  transferPromises(adapter);
  lifecyclePromises(adapter);
  commandPromises(adapter);
  failurePromises(adapter);
  turnPromises(adapter);
}
