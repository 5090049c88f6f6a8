import { printable } from "./printable.ts";

/** The most characters of a value in a message, since it may be large or not meant for a log. */
const MAX_SHOWN = 100;

/** The most elements of an array in a message. */
const MAX_LISTED = 10;

/** The most characters of a reason given by a host or a thread. */
export const MAX_REASON = 1000;

/** Any `value` for a message: in one line, cut if it is long. Never throws. */
export function textOf(value: unknown, maxLength: number = MAX_SHOWN): string {
  return printable(rawTextOf(value, maxLength));
}

/** Like `textOf`, but a text is in quotes, so that "8" is not taken for 8. */
export function literalOf(value: unknown): string {
  return typeof value === "string" ? `"${textOf(value)}"` : textOf(value);
}

/** Like `textOf`, but with line breaks and control characters unchanged. */
export function rawTextOf(value: unknown, maxLength: number): string {
  try {
    const text = Array.isArray(value) ? listText(value) : ownText(value);
    return cut(text, maxLength);
  } catch {
    return `a value without text (${typeof value})`;
  }
}

function listText(list: readonly unknown[]): string {
  const shown = list.slice(0, MAX_LISTED).map((element) => {
    if (Array.isArray(element)) return "[…]";
    const isText = typeof element === "string";
    return isText ? `"${cut(element, MAX_SHOWN)}"` : ownText(element);
  });
  if (list.length > MAX_LISTED) shown.push("…");
  return `[${shown.join(", ")}]`;
}

/**
 * The text of a value other than an array; the name of its class, if an object
 * has no text.
 */
function ownText(value: unknown): string {
  if (!isObject(value)) return String(value);
  const { toString } = Object.prototype;
  const text = ArrayBuffer.isView(value) ? toString.call(value) : String(value);
  const [, className] = /^\[object (.+)\]$/.exec(text) ?? [];
  if (className === undefined) return text;
  return className === "Object" ? "{…}" : `${className} {…}`;
}

/** `text`, cut off after `maxLength` characters. */
export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

/** `text` without spaces and tabs at its ends, in linear time even for hostile text, on which a regular expression would backtrack. */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlank(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

/** True if `thrown` is an `Error`; false for a revoked proxy. */
export function isError(thrown: unknown): thrown is Error {
  return isA(thrown, Error);
}

/** True if `thrown` is an instance of `errorClass`; false if that cannot be determined. */
export function isA(
  thrown: unknown,
  errorClass: new (message: string) => Error,
): boolean {
  try {
    return thrown instanceof errorClass;
  } catch {
    return false;
  }
}

/** True if `value` has properties, and is not a function. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The property `key` of `value`; undefined if it has none, or none that can be read. */
export function read(value: unknown, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** The message of `thrown` if it is an `Error`, without the line break at the end of OpenSSL's; else its text. */
export function messageOf(
  thrown: unknown,
  maxLength: number = MAX_SHOWN,
): string {
  const message = isError(thrown) ? read(thrown, "message") : thrown;
  return printable(rawTextOf(message, maxLength).trim());
}

/** A count for messages: `1 byte`, `2 bytes`. */
export function countOf(count: number | string, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A count with a verb: `1 byte is`, `2 bytes are`. */
export function countIs(count: number, noun: string): string {
  return `${countOf(count, noun)} ${count === 1 ? "is" : "are"}`;
}
