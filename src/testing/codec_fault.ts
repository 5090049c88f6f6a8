import { show } from "./show.ts";

/** What is wrong with a codec, and what to do about it. */
export class CodecFault extends Error {
  readonly advice: string;

  constructor(what: string, advice: string, cause?: unknown) {
    super(
      cause === undefined ? what : `${what}: ${show(cause)}`,
      cause === undefined ? undefined : { cause },
    );
    this.advice = advice;
  }
}
