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
        `frameSize returns ${before} for the frame at ${start}, of which ${
          countOf(end - start, "byte")
        } have arrived, if the rest of the stream surrounds these, and ${size} if it does not`,
        "It must not look at bytes before `start` or from `end` on, and must keep no state between calls.",
      );
    }
    if (scanned === start) return this.#checkSize(size, start, end);
    const anew = this.#ask(exact, start, end, start);
    if (size !== anew) {
      throw new CodecFault(
        `frameSize returns ${anew} for ${
          countOf(end - start, "byte")
        } that it has not seen before, and ${size} after it has returned 0 for the first ${
          scanned - start
        } of them`,
        "A delimiter may begin before `scanned` and end after it. Returning 0 means only that more bytes are needed.",
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
        `frameSize returns ${textOf(size)} for the first ${
          countOf(end - start, "byte")
        } of a frame`,
        `It must return an integer from 1 to maxFrameSize, which is ${maxFrameSize}, or 0 if more bytes are needed. To refuse an invalid frame, throw a CodecError.`,
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
      `frameSize has returned ${announced} for a frame, but ${
        size === undefined ? "refuses it" : `returns ${size}`
      } once ${there} bytes of it have arrived`,
      "A connection does not ask again once it knows the size. Refuse the frame in decode, or return 0 until it can be checked.",
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
        `decode accepts or refuses a frame of ${
          countOf(frame.length, "byte")
        } depending on where it lies in the buffer`,
        "It must look only at the bytes from `start` to `end`, and must keep no state between calls.",
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
      `${method} fails on received bytes`,
      "Whatever the bytes are, it must return a result or throw a CodecError. A TypeError or ReferenceError counts as a bug.",
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
        "frameSize changes the bytes of the read buffer",
        "These belong to the connection.",
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
    `frameSize waits for more than the first ${
      countOf(there, "byte")
    } of a frame, although maxFrameSize is ${maxFrameSize}`,
    "As soon as a frame cannot end within maxFrameSize bytes, refuse it by throwing a FrameTooLargeError.",
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
