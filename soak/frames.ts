/**
 * The frames of the soak: a header and a body. Every byte follows from the tag
 * of the connection, the sending end and the number of the frame, so the
 * receiver can check it.
 */

import { Buffer } from "node:buffer";
import { SimRandom } from "../mod.ts";

/** Size (including the header), number and tag, each 4 bytes little-endian. */
export const HEADER_SIZE = 12;

/** The size of the largest frame: more than a socket borrows at once. */
export const LARGEST_FRAME = 300 * 1024;

/** The sending end: the one that connected, or the one that accepted. */
export type Side = "client" | "server";

/** The bytes of all bodies are taken from here. */
export const BODIES: Buffer = Buffer.from(
  new SimRandom(1).bytes(LARGEST_FRAME + 2 ** 20),
);

/** The size class of large frames. */
export const LARGE = 3;

/** The properties of a connection that its tag contains, besides its number. */
export interface TagBits {
  /**
   * True if the server echoes each frame instead of answering with a new one.
   */
  readonly echo: boolean;
  /** 0: small frames, 1 and 2: mixed ones, {@linkcode LARGE}: large ones. */
  readonly sizeClass: number;
  /** True if the client is a plain socket. */
  readonly raw: boolean;
}

/** Creates the tag of connection `number` (1 to 2^28 - 1). */
export function makeTag(number: number, bits: TagBits): number {
  const flags = Number(bits.echo) | bits.sizeClass << 1 | Number(bits.raw) << 3;
  return (number << 4 | flags) >>> 0;
}

/** The sizes of the frames: so small that a read contains many, or large. */
export function sizeClassOf(tag: number): "small" | "mixed" | "large" {
  return (["small", "mixed", "mixed", "large"] as const)[tag >>> 1 & 3];
}

export function isEcho(tag: number): boolean {
  return (tag & 1) === 1;
}

/** Reads the size of a frame from its first four bytes. */
export function readSize(frame: Uint8Array): number {
  return readUint32(frame, 0);
}

/** Reads the tag in the header of a frame. */
export function readTag(frame: Uint8Array): number {
  return readUint32(frame, 8);
}

/** All the frames that one end of a connection sends. */
export class FrameSeries {
  readonly tag: number;
  readonly #salt: number;

  constructor(tag: number, side: Side) {
    this.tag = tag;
    this.#salt = side === "client" || isEcho(tag) ? 1 : 2;
  }

  /** The size of frame `n`, including the header. */
  sizeOf(n: number): number {
    const hash = this.#hash(n);
    const [min, max] = rangeOf(sizeClassOf(this.tag), hash % 100);
    return HEADER_SIZE + min + (hash >>> 7) % (max - min + 1);
  }

  /** Where the body of frame `n` begins in {@linkcode BODIES}. */
  bodyOf(n: number): number {
    return mix(this.#hash(n), 3) % (BODIES.length - LARGEST_FRAME);
  }

  /** Writes the header of frame `n` to the start of `bytes`. */
  writeHeader(n: number, bytes: Uint8Array): void {
    [this.sizeOf(n), n, this.tag].forEach((value, i) =>
      writeUint32(bytes, 4 * i, value)
    );
  }

  #hash(n: number): number {
    return mix(mix(this.tag, this.#salt), n);
  }
}

/** The received bytes differ from those sent. */
export class WrongBytesError extends Error {}

/** Checks every byte of a series, however it is split into reads. */
export class FrameChecker {
  /** Number of whole frames received. */
  frames = 0;
  /** Number of bytes received. */
  bytes = 0;
  /** Number of bytes of the next frame received. */
  offset = 0;
  readonly #series: FrameSeries;
  readonly #header = new Uint8Array(HEADER_SIZE);
  #size = 0;
  #body = 0;

  constructor(series: FrameSeries) {
    this.#series = series;
    this.#expect();
  }

  /**
   * Checks the received bytes, `bytes` from `start` to `end`. Throws
   * {@linkcode WrongBytesError}.
   */
  check(bytes: Uint8Array, start: number, end: number): void {
    while (start < end) {
      const left = this.offset < HEADER_SIZE
        ? HEADER_SIZE - this.offset
        : this.#size - this.offset;
      const count = Math.min(left, end - start);
      this.#compare(bytes, start, count);
      start += count;
      this.bytes += count;
      this.offset += count;
      if (this.offset === this.#size) {
        this.frames++;
        this.offset = 0;
        this.#expect();
      }
    }
  }

  #expect(): void {
    this.#series.writeHeader(this.frames, this.#header);
    this.#size = this.#series.sizeOf(this.frames);
    this.#body = this.#series.bodyOf(this.frames) - HEADER_SIZE;
  }

  #compare(bytes: Uint8Array, start: number, count: number): void {
    const isHeader = this.offset < HEADER_SIZE;
    const from = isHeader ? this.offset : this.#body + this.offset;
    const expected = isHeader ? this.#header : BODIES;
    if (!isHeader && count > 64) {
      const order = BODIES.compare(
        bytes,
        start,
        start + count,
        from,
        from + count,
      );
      if (order === 0) return;
    }
    for (let i = 0; i < count; i++) {
      if (bytes[start + i] !== expected[from + i]) {
        throw new WrongBytesError(
          `byte ${this.offset + i} of frame ${this.frames} of connection ${
            show(this.#series.tag)
          } is ${bytes[start + i]} and not ${expected[from + i]}`,
        );
      }
    }
  }
}

/** Formats a tag for messages. */
export function show(tag: number): string {
  return `#${tag.toString(16)}`;
}

/**
 * The smallest and the largest size of a body. `percent` (0 to 99) is random.
 */
function rangeOf(
  profile: "small" | "mixed" | "large",
  percent: number,
): [number, number] {
  if (profile === "small") return [0, 200];
  if (profile === "large") return [16_000, LARGEST_FRAME - HEADER_SIZE];
  if (percent < 60) return [0, 200];
  if (percent < 85) return [200, 4100];
  if (percent < 95) return [8_000, 20_000];
  if (percent < 99) return [60_000, 100_000];
  return [200_000, LARGEST_FRAME - HEADER_SIZE];
}

function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 15 ^ b, 0xc2b2ae35);
  hash = Math.imul(hash ^ hash >>> 13, 0x27d4eb2f);
  return (hash ^ hash >>> 16) >>> 0;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
    bytes[at + 3] << 24) >>> 0;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> 8 * i;
}
