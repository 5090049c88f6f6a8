import { ReactioError } from "../api/errors.ts";
import type { Codec } from "../codec/codec.ts";
import { countOf, isA, isError, textOf } from "../util/text.ts";
import { CodecFault } from "./codec_fault.ts";

/** The result of reading a stream. */
export interface Outcome<Received> {
  /** The offsets at which its frames end. */
  readonly ends: number[];
  readonly messages: Received[];
  /**
   * The size that `frameSize` returned for the incomplete frame; 0 if unknown.
   */
  announced: number;
  /** The error thrown by the codec. */
  error: unknown;
}

/**
 * What surrounds the bytes that the codec may look at, unless more of the
 * stream does.
 */
const NOISE = [0xa5, 0x0a, 0x00, 0xff];

/** How many bytes of noise precede and follow the stream. */
const MARGIN = 16;

/** Byte offset of the view in its buffer: not 0, as in a connection. */
const SHIFT = 5;

/** Returns the size of the read that begins at `offset`. */
export type Cut = (offset: number) => number;

/**
 * Reads a stream as a connection does, and checks the codec: that it looks only
 * at the bytes it is given, answers the same when asked again, changes nothing,
 * and announces no impossible frame.
 */
export class CodecReading<Received> {
  readonly #codec: Codec<Received, never>;
  readonly #stream: Uint8Array;
  /** The received bytes, surrounded by the rest of the stream. */
  readonly #whole: Uint8Array;
  /** The received bytes, surrounded by noise. */
  readonly #amidNoise: Uint8Array;
  readonly #outcome: Outcome<Received> = {
    ends: [],
    messages: [],
    announced: 0,
    error: undefined,
  };

  constructor(codec: Codec<Received, never>, stream: Uint8Array) {
    this.#codec = codec;
    this.#stream = stream;
    this.#whole = padded(stream);
    this.#amidNoise = padded(stream);
    this.#amidNoise.forEach((_, i) =>
      this.#amidNoise[i] = NOISE[i % NOISE.length]
    );
  }

  /**
   * Reads the whole stream. `onMessage` is called with each message as soon as
   * it is complete, and with the bounds of its frame.
   */
  run(
    cut: Cut,
    onMessage: (message: Received, start: number, end: number) => void,
  ): Outcome<Received> {
    const outcome = this.#outcome;
    const { length } = this.#stream;
    let start = 0;
    let scanned = 0;
    for (let end = 0; end < length;) {
      const next = Math.min(length, end + Math.max(1, cut(end)));
      this.#amidNoise.set(this.#stream.subarray(end, next), MARGIN + end);
      end = next;
      while (start < end) {
        const size = this.#sizeOf(start, end, scanned);
        this.#checkAgain(size, end - start);
        if (size === undefined) return this.#finish();
        outcome.announced = size;
        if (size === 0) scanned = end;
        if (size === 0 || start + size > end) break;
        const message = this.#decode(start, start + size);
        if (outcome.error !== undefined) return this.#finish();
        start += size;
        scanned = start;
        outcome.announced = 0;
        outcome.ends.push(start);
        outcome.messages.push(message as Received);
        onMessage(message as Received, start - size, start);
        this.#overwrite(start - size, start);
      }
    }
    return this.#finish();
  }

  /** Returns the result of `frameSize`; undefined if it throws. */
  #sizeOf(start: number, end: number, scanned: number): number | undefined {
    const before = this.#ask(this.#whole, start, end, scanned);
    const exact = this.#amidNoise.subarray(0, MARGIN + end);
    const size = this.#ask(exact, start, end, scanned);
    if (size !== before) {
      throw new CodecFault(
        `frameSize says ${before} of a frame that begins at ${start}, of which ${
          end - start
        } bytes are there, if more of the stream lies around them, and ${size} if it does not`,
        "It must look at no byte before `start`, and at none from `end` on, and must keep nothing from one call to the next.",
      );
    }
    if (scanned === start) return this.#checkSize(size, start, end);
    const anew = this.#ask(exact, start, end, start);
    if (size !== anew) {
      throw new CodecFault(
        `frameSize says ${anew} of ${
          end - start
        } bytes that it has not seen, and ${size} if the first ${
          scanned - start
        } of them were there when it said 0 before`,
        "What it looks for may begin before `scanned` and end behind it; and 0 means no more than that more has to come.",
      );
    }
    return this.#checkSize(size, start, end);
  }

  /** Calls `frameSize`. If it throws, returns undefined and keeps the error. */
  #ask(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number | undefined {
    try {
      return this.#codec.frameSize(
        bytes,
        MARGIN + start,
        MARGIN + end,
        MARGIN + scanned,
      );
    } catch (error) {
      this.#fail("frameSize", error);
      return undefined;
    }
  }

  #checkSize(
    size: number | undefined,
    start: number,
    end: number,
  ): number | undefined {
    if (size === undefined) return undefined;
    const { maxFrameSize } = this.#codec;
    if (!Number.isInteger(size) || size < 0 || size > maxFrameSize) {
      throw new CodecFault(
        `frameSize says ${textOf(size)} of a frame that begins with ${
          end - start
        } bytes`,
        `It must be an integer from 1 to maxFrameSize, which is ${maxFrameSize}, or 0 as long as more bytes have to come. A frame that cannot be is refused by throwing a CodecError.`,
      );
    }
    if (size === 0 && end - start >= maxFrameSize) {
      throw endless(end - start, maxFrameSize);
    }
    return size;
  }

  /**
   * Connections do not ask again once they know the size of a frame, so it must
   * not change.
   */
  #checkAgain(size: number | undefined, there: number): void {
    const { announced } = this.#outcome;
    if (announced === 0 || size === announced) return;
    throw new CodecFault(
      `frameSize has said ${announced} of a frame, and ${
        size ?? `refuses it`
      } when ${there} bytes of it are there`,
      "Nobody asks again who was told a size: what can only be seen later is refused by decode, or the size is not told before.",
      this.#outcome.error,
    );
  }

  #decode(start: number, end: number): Received | undefined {
    const frame = this.#stream.subarray(start, end);
    const alone = padded(frame);
    const [first, second] = [
      () => this.#codec.decode(alone, MARGIN, MARGIN + frame.length),
      () => this.#codec.decode(this.#amidNoise, MARGIN + start, MARGIN + end),
    ].map((decode) => {
      try {
        return { message: decode() };
      } catch (error) {
        return { error };
      }
    });
    for (const { error } of [first, second]) {
      if (error !== undefined) this.#fail("decode", error);
    }
    if ("error" in first !== "error" in second) {
      throw new CodecFault(
        `decode takes a frame of ${
          countOf(frame.length, "byte")
        }, or refuses it, depending on where it lies`,
        "It must look at the bytes from `start` to `end` only, and must keep nothing from one call to the next.",
        this.#outcome.error,
      );
    }
    return second.message;
  }

  /**
   * Handles an error that the codec threw: it may throw, but not because of a
   * bug.
   */
  #fail(method: string, error: unknown): void {
    const isBug = !isA(error, ReactioError) &&
      (isA(error, TypeError) || isA(error, ReferenceError));
    if (isError(error) && !isBug) {
      this.#outcome.error = error;
      return;
    }
    throw new CodecFault(
      `${method} fails because of what came in`,
      "Whatever the bytes are, it must return a result or throw a CodecError: a TypeError or ReferenceError is taken for a bug.",
      error,
    );
  }

  /** Overwrites a frame, as the next read to the same buffer would. */
  #overwrite(start: number, end: number): void {
    for (let i = MARGIN + start; i < MARGIN + end; i++) {
      this.#amidNoise[i] = NOISE[i % NOISE.length];
    }
  }

  #finish(): Outcome<Received> {
    const isChanged = padded(this.#stream)
      .some((byte, i) => byte !== this.#whole[i]);
    if (isChanged) {
      throw new CodecFault(
        "frameSize changes what was read",
        "The bytes that it is given belong to the connection.",
      );
    }
    return this.#outcome;
  }
}

/**
 * Creates the fault of a `frameSize` that waits for more than `maxFrameSize`
 * bytes.
 */
export function endless(there: number, maxFrameSize: number): CodecFault {
  return new CodecFault(
    `frameSize waits for more of a frame of which ${there} bytes are there, and maxFrameSize is ${maxFrameSize}`,
    "As soon as a frame cannot have its end within maxFrameSize bytes it must be refused by throwing a FrameTooLargeError.",
  );
}

/**
 * Returns `bytes` with noise before and after them, as a view of a larger
 * buffer.
 */
function padded(bytes: Uint8Array): Uint8Array {
  const size = bytes.length + 2 * MARGIN;
  const whole = new Uint8Array(new ArrayBuffer(SHIFT + size), SHIFT);
  whole.forEach((_, i) => whole[i] = NOISE[i % NOISE.length]);
  whole.set(bytes, MARGIN);
  return whole;
}
