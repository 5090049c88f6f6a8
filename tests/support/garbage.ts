import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sleep } from "../conformance/support.ts";

interface BunCollector {
  readonly Bun?: { gc(isForced: boolean): void };
}

function collector(): () => void {
  const { Bun } = globalThis as BunCollector;
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

const collect = collector();

/** Resolves to the number of `refs` that are still reachable. */
export async function heldOf(
  refs: readonly WeakRef<object>[],
): Promise<number> {
  // Several times, because finalizers free memory in between.
  for (let i = 0; i < 4; i++) {
    collect();
    await sleep(20);
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
}
