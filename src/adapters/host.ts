/**
 * Selects the adapter of the current runtime.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import { bunAdapter } from "./bun.ts";
import { denoAdapter } from "./deno.ts";
import { nodeAdapter } from "./node.ts";

/**
 * Returns the adapter of the current runtime.
 *
 * @returns The adapter, always the same object.
 *
 * @category Adapters
 */
export function hostAdapter(): Adapter {
  if ("Bun" in globalThis) return bunAdapter;
  if ("Deno" in globalThis) return denoAdapter;
  return nodeAdapter;
}
