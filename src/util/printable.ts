/** Characters that begin a new line or control a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** `text`, from a user or a stranger, for a message or a log: in one line, with control characters made visible. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

function escape(char: string): string {
  return SHORT[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`;
}
