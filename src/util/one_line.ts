import { isError, read, textOf } from "./text.ts";

/** What would begin another line, or have a terminal do something else than to show it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** As much of an error does a line show. */
const MAX_LENGTH = 200;

/** `text` in one line that shows what it is: its end is left out if it is longer than `maxLength` characters. */
export function oneLine(text: string, maxLength: number = MAX_LENGTH): string {
  const escaped = text.slice(0, maxLength + 1).replace(UNPRINTABLE, escape);
  return escaped.length <= maxLength
    ? escaped
    : `${escaped.slice(0, maxLength)}…`;
}

function escape(char: string): string {
  return SHORT[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`;
}

/** Name and message of what was thrown, whatever it is, in one line. */
export function summaryOf(thrown: unknown): string {
  if (!isError(thrown)) return oneLine(textOf(thrown, MAX_LENGTH));
  const name = textOf(read(thrown, "name"), MAX_LENGTH);
  const message = textOf(read(thrown, "message"), MAX_LENGTH);
  return oneLine(message === "" ? name : `${name}: ${message}`);
}
