/** The reply to a command that cannot be executed: a code, and why. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

export function syntaxError(): never {
  throw new ReplyError("ERR syntax error");
}

/** What an error repeats of `text`: at most `most` characters, and like Redis, which uses C strings, none after a zero. */
export function quoted(text: string, most: number = Infinity): string {
  return text.slice(0, most).replace(/\0.*/s, "");
}
