/** What would begin another line, or have a terminal do something else than to show it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** `text`, of a user or a stranger, as a message or a log shows it: in one line, and for what it is. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

function escape(char: string): string {
  return SHORT[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`;
}
