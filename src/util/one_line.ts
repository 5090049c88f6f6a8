import { printable } from "./printable.ts";
import { isError, read, textOf } from "./text.ts";

/** The most characters of an error that a line shows. */
const MAX_LENGTH = 200;

/** `text` in one line, with control characters made visible, and cut off after `maxLength` characters. */
export function oneLine(text: string, maxLength: number = MAX_LENGTH): string {
  const escaped = printable(text.slice(0, maxLength + 1));
  return escaped.length <= maxLength
    ? escaped
    : `${escaped.slice(0, maxLength)}…`;
}

/** The name and message of any thrown value, in one line. */
export function summaryOf(thrown: unknown): string {
  if (!isError(thrown)) return oneLine(textOf(thrown, MAX_LENGTH));
  const name = textOf(read(thrown, "name"), MAX_LENGTH);
  const message = textOf(read(thrown, "message"), MAX_LENGTH);
  return oneLine(message === "" ? name : `${name}: ${message}`);
}
