import { cut, textOf } from "../util/text.ts";

const MOST_ITEMS = 20;
const MOST_BYTES = 64;
const DEEPEST = 4;
const LONGEST_TEXT = 200;

/**
 * Formats `value` roughly as source code, shortened where it is long or deep.
 */
export function show(value: unknown, depth = 0): string {
  try {
    return shown(value, depth);
  } catch {
    return textOf(value);
  }
}

function shown(value: unknown, depth: number): string {
  if (typeof value === "string") {
    return JSON.stringify(cut(value, LONGEST_TEXT));
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return textOf(value);
  if (value instanceof Uint8Array) return `bytes(${hexDigits(value)})`;
  if (ArrayBuffer.isView(value) || depth === DEEPEST) {
    return `${value.constructor?.name ?? "Object"} {…}`;
  }
  const inner = (item: unknown) => show(item, depth + 1);
  if (Array.isArray(value)) return `[${list(value.map(inner))}]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return `Date(${value.toJSON()})`;
  if (value instanceof Set) return `Set {${list([...value].map(inner))}}`;
  const isMap = value instanceof Map;
  const entries = isMap ? [...value] : Object.entries(value);
  const pairs = entries.map(([key, item]) =>
    `${isMap ? inner(key) : key}: ${inner(item)}`
  );
  return `${isMap ? "Map " : ""}{ ${list(pairs)} }`;
}

/** Formats each byte as two hexadecimal digits. */
function hexDigits(value: Uint8Array): string {
  const digits = Array.from(
    value.subarray(0, MOST_BYTES),
    (byte) => byte.toString(16).padStart(2, "0"),
  );
  const rest = value.length - digits.length;
  return rest > 0 ? `${digits.join(" ")} and ${rest} more` : digits.join(" ");
}

function list(items: readonly string[]): string {
  const rest = items.length - MOST_ITEMS;
  return rest > 0
    ? `${items.slice(0, MOST_ITEMS).join(", ")} and ${rest} more`
    : items.join(", ");
}
