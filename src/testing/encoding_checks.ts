import { BinaryWriter } from "../codec/binary_writer.ts";
import type { Codec } from "../codec/codec.ts";
import { isPromiseLike, watchPromise } from "../util/promises.ts";
import { countOf } from "../util/text.ts";
import type { CodecCase } from "./codec_case.ts";
import { CodecFault } from "./codec_fault.ts";
import { show } from "./show.ts";

/** The encoded messages of a case. */
export interface Stream {
  readonly bytes: Uint8Array;
  /** The offsets at which its frames end. */
  readonly ends: readonly number[];
}

/** The bytes that the writer already holds. */
const BEFORE = 0x5e;

/** Room for the largest frame, and more. */
const WRITER_SIZE = 2 ** 30;

/**
 * Encodes all messages of a case for a reader with `maxFrameSize`, and checks
 * the promises of `encode`.
 */
export function encodeAll<Sent>(
  codec: Codec<unknown, Sent>,
  { messages, prefix }: Pick<CodecCase<Sent>, "messages" | "prefix">,
  maxFrameSize: number,
): Stream {
  const out = new BinaryWriter({ max: WRITER_SIZE });
  out.write(new Uint8Array(prefix).fill(BEFORE));
  const ends: number[] = [];
  for (const message of messages) {
    const before = out.getWritten().slice();
    try {
      const result: unknown = codec.encode(message, out);
      checkResult(result);
    } catch (error) {
      if (error instanceof CodecFault) throw error;
      throw new CodecFault(
        `encode refuses ${show(message)}`,
        "Everything from `values` and `arbitrary` must be sendable. Messages that are not belong in `refused`.",
        error,
      );
    }
    checkBefore(out, before, message);
    const size = out.bytesWritten - before.length;
    if (size < 1 || size > maxFrameSize) {
      throw new CodecFault(
        `encode writes ${countOf(size, "byte")} for ${show(message)}`,
        `A frame must have from 1 to maxFrameSize bytes, which is ${maxFrameSize}. Refuse a message that is too large by throwing a FrameTooLargeError.`,
      );
    }
    ends.push(out.bytesWritten - prefix);
  }
  return { bytes: out.take().slice(prefix), ends };
}

function checkResult(result: unknown): void {
  if (!isPromiseLike(result)) return;
  watchPromise(result, () => {});
  throw new CodecFault(
    "encode returns a promise",
    "It must have written the whole message when it returns.",
  );
}

function checkBefore(
  out: BinaryWriter,
  before: Uint8Array,
  message: unknown,
): void {
  const written = out.getWritten();
  const isThere = written.length >= before.length &&
    before.every((byte, i) => byte === written[i]);
  if (isThere) return;
  throw new CodecFault(
    `encode changes the bytes that the writer held before ${show(message)}`,
    "Offsets for `setUint32` and the like count from the start of the writer, not of this frame: read `bytesWritten` first.",
  );
}

/**
 * Checks that messages which cannot be sent are refused, and leave the writer
 * usable.
 */
export function checkRefused<Sent>(
  codec: Codec<unknown, Sent>,
  refused: readonly Sent[],
): void {
  for (const message of refused) {
    const out = new BinaryWriter({ max: WRITER_SIZE });
    out.write(new Uint8Array(3).fill(BEFORE));
    const before = out.getWritten().slice();
    let isRefused = false;
    try {
      checkResult(codec.encode(message, out));
    } catch (error) {
      if (error instanceof CodecFault) throw error;
      isRefused = true;
    }
    checkBefore(out, before, message);
    if (isRefused) continue;
    throw new CodecFault(
      `encode accepts ${show(message)}, which it should refuse`,
      "Refuse a message that cannot be sent by throwing a CodecError.",
    );
  }
}
