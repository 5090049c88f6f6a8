import { printable } from "./printable.ts";

/** As many characters of a value does a message show: it may be large, or not be meant for a log. */
const MAX_SHOWN = 100;

/** As many of the reason that a host or a thread gives, which names what it failed with. */
export const MAX_REASON = 1000;

/** `value` in a message, whatever it is: in one line, cut if it is long, and never a throw. */
export function textOf(value: unknown, maxLength: number = MAX_SHOWN): string {
  return printable(rawTextOf(value, maxLength));
}

/** The same with its line ends and all, for what is handed on as it is. */
export function rawTextOf(value: unknown, maxLength: number): string {
  try {
    return cut(String(value), maxLength);
  } catch {
    return `what has no text (${typeof value})`;
  }
}

/** `text`, without its end if it is longer than `maxLength` characters. */
export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength)}… (${text.length} characters)`;
}

/** `text` without the spaces and tabs at its ends, in one pass: it may be a stranger's, and a regular expression would try each of many as the first one. */
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

/** True if `thrown` is an `Error`; of a proxy that was revoked nobody can say so. */
export function isError(thrown: unknown): thrown is Error {
  return isA(thrown, Error);
}

/** True if `thrown` is an instance of `errorClass`, and that can be told. */
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

/** What `thrown` says of itself: its message if it is an `Error`, which OpenSSL ends with a line end. */
export function messageOf(
  thrown: unknown,
  maxLength: number = MAX_SHOWN,
): string {
  const message = isError(thrown) ? read(thrown, "message") : thrown;
  return printable(rawTextOf(message, maxLength).trim());
}

/** So many of them, for messages: `1 byte`, `2 bytes`. */
export function countOf(count: number | string, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The same with a verb: `1 byte is`, `2 bytes are`. */
export function countIs(count: number, noun: string): string {
  return `${countOf(count, noun)} ${count === 1 ? "is" : "are"}`;
}
