import type { Codec } from "../codec/codec.ts";
import { type CodecCase, cutsOf, damaged } from "./codec_case.ts";
import { CodecFault } from "./codec_fault.ts";
import {
  CodecReading,
  type Cut,
  endless,
  type Outcome,
} from "./codec_reading.ts";
import type { Stream } from "./encoding_checks.ts";
import { show } from "./show.ts";
import { countOf } from "../util/text.ts";

/** How to compare received messages with those sent. */
export interface Comparison<Received, Sent> {
  equals(received: Received, sent: Sent): boolean | void;
  /**
   * True if received messages are views, which are valid only in their handler.
   */
  readonly views: boolean;
}

/** Advice in case the test is wrong, not the codec. */
const TWO_CODECS =
  "If the other end has a different codec, such as a client, which sends requests and reads answers, pass it as `peer`.";

const SCANNED =
  "If it searches, `scanned` is an offset in `bytes` like `start`: that of the first byte that was not there at the last call for this frame.";

/**
 * Checks that encoded messages decode to the same, however the bytes are cut.
 */
export function checkRoundTrip<Received, Sent>(
  codec: Codec<Received, Sent>,
  { messages, cuts }: CodecCase<Sent>,
  stream: Stream,
  comparison: Comparison<Received, Sent>,
): void {
  for (const cut of cutsOf(cuts, stream.bytes.length, stream.ends)) {
    const reading = new CodecReading<Received>(codec, stream.bytes);
    let count = 0;
    const outcome = reading.run(cut, (message, start, end) => {
      const expected = stream.ends[count] - start;
      if (end - start !== expected) throw wrongSize(end - start, expected);
      checkMessage(message, messages[count++], comparison);
    });
    if (outcome.error !== undefined) {
      throw new CodecFault(
        `The frame that encode wrote for ${show(messages[count])} is refused`,
        `frameSize and decode must accept what encode writes. ${TWO_CODECS}`,
        outcome.error,
      );
    }
    if (count < messages.length) {
      const start = outcome.ends.at(-1) ?? 0;
      throw wrongSize(outcome.announced, stream.ends[count] - start);
    }
    if (comparison.views) continue;
    outcome.messages.forEach((message, i) =>
      checkKept(message, messages[i], comparison)
    );
  }
}

function wrongSize(size: number, expected: number): CodecFault {
  return new CodecFault(
    size === 0
      ? `frameSize returns 0 for a whole frame of ${expected} bytes from encode`
      : `frameSize returns ${size} for a frame of ${expected} bytes from encode`,
    `frameSize must return exactly the size that encode writes, at the latest when the whole frame has arrived. ${
      size === 0 ? SCANNED : TWO_CODECS
    }`,
  );
}

export function checkMessage<Received, Sent>(
  received: Received,
  sent: Sent,
  comparison: Comparison<Received, Sent>,
): void {
  const reason = difference(received, sent, comparison);
  if (reason === undefined) return;
  throw new CodecFault(
    `${show(sent)} comes back as ${show(received)}`,
    `decode must return the message that encode was given. If the two may differ, pass a comparison as \`equals\`. ${TWO_CODECS}`,
    reason.thrown,
  );
}

function checkKept<Received, Sent>(
  received: Received,
  sent: Sent,
  comparison: Comparison<Received, Sent>,
): void {
  const reason = difference(received, sent, comparison);
  if (reason === undefined) return;
  throw new CodecFault(
    `${show(sent)} becomes ${
      show(received)
    } when the read buffer is overwritten`,
    "A message must contain copies of bytes (`readBytes`, `slice`), not views of the read buffer. If it may be used only in its handler, set `views: true`.",
    reason.thrown,
  );
}

/** Compares two messages. Returns undefined if they are the same. */
function difference<Received, Sent>(
  received: Received,
  sent: Sent,
  { equals }: Comparison<Received, Sent>,
): { thrown: unknown } | undefined {
  try {
    return equals(received, sent) === false ? { thrown: undefined } : undefined;
  } catch (thrown) {
    return { thrown };
  }
}

/**
 * Checks that truncated or damaged bytes have the same result however they are
 * cut. Returns the results.
 */
export function checkDamaged<Received, Sent>(
  codec: Codec<Received, Sent>,
  { cuts, damage, missing }: CodecCase<Sent>,
  stream: Stream,
): Outcome<Received>[] {
  const { bytes } = stream;
  const shorter = bytes.subarray(0, Math.max(0, bytes.length - missing));
  const whole = shorter.length === bytes.length;
  const streams = damage.length > 0 ? [damaged(bytes, damage)] : [];
  if (!whole) streams.unshift(shorter);
  return streams.map((it) => {
    const outcomes = cutsOf(cuts, it.length, stream.ends)
      .map((cut) => outcomeOf(codec, it, cut));
    const [first] = outcomes;
    for (const other of outcomes.slice(1)) checkSame(first, other, it);
    return first;
  });
}

export function outcomeOf<Received>(
  codec: Codec<Received, never>,
  bytes: Uint8Array,
  cut: Cut,
): Outcome<Received> {
  return new CodecReading<Received>(codec, bytes).run(cut, () => {});
}

function checkSame(
  first: Outcome<unknown>,
  other: Outcome<unknown>,
  bytes: Uint8Array,
): void {
  const described = ({ ends, error }: Outcome<unknown>) =>
    `frames that end at ${show(ends)}${
      error === undefined ? "" : `, then ${show(error)}`
    }`;
  const isSame = first.ends.length === other.ends.length &&
    first.ends.every((end, i) => end === other.ends[i]) &&
    (first.error === undefined) === (other.error === undefined);
  if (isSame) return;
  throw new CodecFault(
    `The frames of ${show(bytes)} depend on how it is cut into reads: ${
      described(first)
    }; or ${described(other)}`,
    "What frameSize returns or throws must depend on the bytes of the frame, not on how many have arrived.",
  );
}

/** Limits the bytes read to check that endless frames are refused. */
const ENDLESS_BYTES = 2 ** 23;

/** Larger frames would take too much memory to check. */
const LARGEST_ENDLESS = 2 ** 24;

/**
 * Checks that endless frames are refused, also when they arrive in two reads.
 */
export function checkEndless(codec: Codec<unknown, never>): void {
  const { maxFrameSize } = codec;
  if (maxFrameSize > LARGEST_ENDLESS) return;
  const bytes = new Uint8Array(maxFrameSize);
  const half = maxFrameSize >> 1;
  const tries = Math.ceil(ENDLESS_BYTES / maxFrameSize);
  for (let i = 0; i < Math.min(tries, 256); i++) {
    bytes.fill(i % 2 === 0 ? i / 2 : 255 - (i - 1) / 2);
    const isUnknown = half > 0 && sizeOrRefusal(codec, bytes, half, 0) === 0;
    const scanned = isUnknown ? half : 0;
    const size = sizeOrRefusal(codec, bytes, maxFrameSize, scanned);
    if (size === 0) throw endless(maxFrameSize, maxFrameSize);
  }
}

/**
 * Returns what `frameSize` says of the first `count` bytes; -1 if it refuses
 * them.
 */
function sizeOrRefusal(
  codec: Codec<unknown, never>,
  bytes: Uint8Array,
  count: number,
  scanned: number,
): number {
  try {
    return codec.frameSize(bytes, 0, count, scanned);
  } catch {
    return -1;
  }
}

/**
 * Checks that bytes which are not a stream of frames are refused, however they
 * are cut.
 */
export function checkInvalid(
  codec: Codec<unknown, never>,
  invalid: readonly Uint8Array[],
): void {
  for (const bytes of invalid) {
    for (const cut of cutsOf([3], bytes.length, [])) {
      const { error, ends } = outcomeOf(codec, bytes, cut);
      if (error !== undefined) continue;
      throw new CodecFault(
        `${show(bytes)} should be refused, but is accepted as ${
          countOf(ends.length, "frame")
        }${
          (ends.at(-1) ?? 0) < bytes.length ? " and the beginning of one" : ""
        }`,
        "frameSize or decode must throw a CodecError.",
      );
    }
  }
}
