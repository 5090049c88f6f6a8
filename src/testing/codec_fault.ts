import { show } from "./show.ts";

/** A fault of the codec, with advice on how to mend it. */
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
