import type { Cut } from "./codec_reading.ts";
import type { Draw } from "./draw.ts";
import { show } from "./show.ts";

/** What one round does with a codec. */
export interface CodecCase<Sent> {
  readonly messages: readonly Sent[];
  /** How many bytes the writer already holds. */
  readonly prefix: number;
  /**
   * The sizes of the reads, repeated as needed; if empty, there is only one
   * read.
   */
  readonly cuts: readonly number[];
  /** How many bytes are cut off the end of the stream. */
  readonly missing: number;
  /** How the stream is damaged. */
  readonly damage: readonly Damage[];
  /** True if the case also runs on connections. */
  readonly isConnected: boolean;
}

/** One byte of the stream is overwritten, dropped, or inserted. */
export interface Damage {
  readonly do: "set" | "drop" | "add";
  /** The offset, modulo the size of the stream. */
  readonly at: number;
  readonly byte: number;
}

/** Bytes that have a meaning in many codecs. */
const TELLING = [0x00, 0x01, 0x0a, 0x0d, 0x7f, 0x80, 0xff, 0x20];

/** The share of rounds that also run on connections. */
const CONNECTED_SHARE = 0.05;

export function drawCase<Sent>(
  draw: Draw,
  drawMessage: (draw: Draw) => Sent,
): CodecCase<Sent> {
  const messages = draw.list(6, drawMessage);
  return {
    messages,
    prefix: draw.size(20),
    cuts: draw.list(4, (draw) => 1 + draw.size(2000)),
    missing: draw.size(40),
    damage: draw.list(3, (draw) => ({
      do: draw.pick(["set", "drop", "add"]),
      at: draw.size(2 ** 16),
      byte: draw.chance(0.5) ? draw.integer(0, 255) : draw.pick(TELLING),
    })),
    isConnected: draw.chance(CONNECTED_SHARE),
  };
}

/** Describes a case for the reader of an error. */
export function linesOf(
  { messages, prefix, cuts, missing, damage, isConnected }: CodecCase<unknown>,
): string[] {
  const others = cuts.length > 0
    ? `of ${cuts.join(", ")} bytes by turns`
    : "no others";
  return [
    `messages: ${show(messages)}`,
    `bytes already in the writer: ${prefix}`,
    `reads: all at once, byte by byte, and ${others}`,
    `bytes cut off the end: ${missing}`,
    `damage: ${show(damage)}`,
    `on connections: ${isConnected}`,
  ];
}

/** Returns `stream` with `damage` done to it. */
export function damaged(
  stream: Uint8Array,
  damage: readonly Damage[],
): Uint8Array {
  const bytes = [...stream];
  for (const { do: how, at, byte } of damage) {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    if (how === "set") bytes[place] = byte;
    else if (how === "drop") bytes.splice(place, 1);
    else bytes.splice(place, 0, byte);
  }
  return Uint8Array.from(bytes);
}

/** How many bytes before and after the end of a frame are read one by one. */
const DRIBBLED = 24;

/** Streams of at most this size are read byte by byte throughout. */
const LARGEST_DRIBBLED = 2048;

/**
 * Returns the ways to cut a stream of `size` bytes whose frames end at `ends`.
 */
export function cutsOf(
  cuts: readonly number[],
  size: number,
  ends: readonly number[],
): Cut[] {
  let reads = 0;
  const all: Cut[] = [() => size, dribble(size, ends)];
  if (cuts.length > 0) all.push(() => cuts[reads++ % cuts.length]);
  return all;
}

/** Cuts byte by byte, except in the middle of long frames. */
function dribble(size: number, ends: readonly number[]): Cut {
  if (size <= LARGEST_DRIBBLED) return () => 1;
  return (offset) => {
    const isNear = ends.some((end) => Math.abs(end - offset) < DRIBBLED);
    if (isNear || offset < DRIBBLED) return 1;
    const next = ends.find((end) => end > offset) ?? size;
    return Math.max(1, next - DRIBBLED - offset);
  };
}
