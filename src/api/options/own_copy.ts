import { isObject, messageOf } from "../../util/text.ts";
import { InvalidOptionError } from "../errors.ts";

/** Options lie in one another so deep at most. */
const DEEPEST = 4;

/**
 * A copy of `value`, the option `name`, with all that it has and holds, each read
 * once: what is changed later does not matter. It is checked when what checks it
 * is loaded. Throws {@linkcode InvalidOptionError} if it cannot be read.
 */
export function ownCopy<T>(name: string, value: T): T {
  try {
    return copyOf(value, DEEPEST) as T;
  } catch (cause) {
    throw new InvalidOptionError(
      `Cannot read the option ${name}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function copyOf(value: unknown, depth: number): unknown {
  if (!isObject(value) || depth === 0) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return value;
  const inner = (one: unknown) => copyOf(one, depth - 1);
  if (Array.isArray(value)) return Array.from(value, inner);
  const entries: [string, unknown][] = [];
  for (const name in value) {
    entries.push([name, inner(value[name as keyof typeof value])]);
  }
  return Object.fromEntries(entries);
}
