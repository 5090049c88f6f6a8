/** What a command is answered with that cannot be carried out: a code, and why. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

export function syntaxError(): never {
  throw new ReplyError("ERR syntax error");
}

/** What a message repeats of `text`, `most` characters at most: Redis takes it for one that ends with a zero. */
export function quoted(text: string, most: number = Infinity): string {
  return text.slice(0, most).replace(/\0.*/s, "");
}
