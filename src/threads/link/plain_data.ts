import { LARGEST_PLAIN } from "../../tuning.ts";

/** Returned for what is not plain data, or too large to be copied here. */
export const NOT_PLAIN: unique symbol = Symbol("not plain");

/** What has been copied of one value so far. */
export class PlainCopy {
  /** The objects in it: one that occurs twice must not become two. */
  readonly objects: object[] = [];
  /** Roughly how many bytes it takes: 8 for every value, and one for each character. */
  size = 8;

  clear(): void {
    if (this.objects.length > 0) this.objects.length = 0;
    this.size = 8;
  }
}

/**
 * A copy of `value` if it is small plain data, so that its sender may change it
 * at once: primitives, and arrays and object literals of them. For everything
 * else, including what the structured clone algorithm would refuse, it returns
 * {@linkcode NOT_PLAIN}.
 *
 * Adds what it copies to `seen`. Throws what a getter or a proxy throws.
 */
export function copyPlain(value: unknown, seen: PlainCopy): unknown {
  switch (typeof value) {
    case "object":
      return value === null ? null : copyObject(value, seen);
    case "string":
      if (!isShortString(value)) return NOT_PLAIN;
      seen.size += value.length;
      return value;
    case "function":
    case "symbol":
      return NOT_PLAIN;
    default:
      return value;
  }
}

/** True for an object like those that object literals make. */
export function isRecord(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** True for a string, unless it is so long that it should be sent on its own. */
export function isShortString(value: unknown): value is string {
  return typeof value === "string" && value.length <= LARGEST_PLAIN.characters;
}

function copyObject(value: object, seen: PlainCopy): unknown {
  const { objects } = seen;
  if (objects.length === LARGEST_PLAIN.objects || objects.includes(value)) {
    return NOT_PLAIN;
  }
  objects.push(value);
  if (Array.isArray(value)) return copyArray(value, seen);
  return isRecord(value) ? copyRecord(value, seen) : NOT_PLAIN;
}

function copyArray(value: unknown[], seen: PlainCopy): unknown {
  const { length } = value;
  if (length > LARGEST_PLAIN.items) return NOT_PLAIN;
  const result: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const element = copyPlain(value[i], seen);
    const isHole = element === undefined && !Object.hasOwn(value, i);
    if (element === NOT_PLAIN || isHole) return NOT_PLAIN;
    result.push(element);
  }
  seen.size += 8 * length;
  // An array with additional properties is not plain either.
  return Object.keys(value).length === length ? result : NOT_PLAIN;
}

function copyRecord(
  value: Record<string, unknown>,
  seen: PlainCopy,
): unknown {
  const result: Record<string, unknown> = {};
  let count = 0;
  for (const key in value) {
    const element = copyPlain(value[key], seen);
    if (element === NOT_PLAIN || key === "__proto__") return NOT_PLAIN;
    result[key] = element;
    count++;
  }
  seen.size += 8 * count;
  return result;
}
