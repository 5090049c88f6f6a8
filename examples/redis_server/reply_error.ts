/** What a command is answered with that cannot be carried out: a code, and why. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

export function syntaxError(): never {
  throw new ReplyError("ERR syntax error");
}
