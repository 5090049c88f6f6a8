/**
 * A link through shared memory: per direction a ring of bytes with one writer
 * and one reader, which wait by `Atomics.waitAsync`. It contains frames: 4
 * bytes of length, little-endian, and an array of commands as JSON.
 */

import type { OpenLink } from "./link.ts";

/**
 * The size of a ring in bytes: a power of two, so that the counters may wrap
 * around.
 */
const CAPACITY = 2 ** 20;

/** Commands per frame. */
const FRAME_SIZE = 512;

const HEADER_SIZE = 4;

/**
 * Offsets of the two counters, of all bytes so far modulo 2^32, which precede
 * the bytes.
 */
const WRITTEN = 0;
const READ = 1;
const CONTROL_SIZE = 2 * Int32Array.BYTES_PER_ELEMENT;

/** Creates the memory for one direction. */
export function newRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_SIZE + CAPACITY);
}

/**
 * Sends a frame for each `FRAME_SIZE` commands, and at the end of each turn.
 */
export const openRing: OpenLink = ({ outRing, inRing }, receive) => {
  const writer = new RingWriter(outRing);
  void new RingReader(inRing, receive).run();
  let frame: unknown[] = [];
  const flush = () => {
    if (frame.length === 0) return;
    writer.write(frame);
    frame = [];
  };
  return {
    countUncompleted: 0,
    send(cmd) {
      frame.push(cmd);
      if (frame.length === FRAME_SIZE) flush();
    },
    flush,
  };
};

class RingWriter {
  readonly #control: Int32Array;
  readonly #ring: Uint8Array;
  readonly #encoder = new TextEncoder();
  /** Not every `encodeInto` accepts shared memory. */
  #scratch = new Uint8Array(CAPACITY);
  /** Frames that did not fit into the ring, in order, from `#head` on. */
  #waiting: Uint8Array[] = [];
  #head = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#control = new Int32Array(shared, 0, 2);
    this.#ring = new Uint8Array(shared, CONTROL_SIZE);
  }

  /** Writes a frame, now or once there is room. */
  write(commands: unknown[]): void {
    const frame = this.#encode(commands);
    if (this.#waiting.length > 0) {
      this.#waiting.push(frame.slice());
      return;
    }
    const taken = this.#copy(frame);
    if (taken === frame.length) return;
    this.#waiting.push(frame.slice(taken));
    void this.#writeWaiting();
  }

  /** Encodes a frame, which is valid until the next one. */
  #encode(commands: unknown[]): Uint8Array {
    const text = JSON.stringify(commands);
    const maxSize = HEADER_SIZE + 3 * text.length;
    if (maxSize > this.#scratch.length) this.#scratch = new Uint8Array(maxSize);
    const scratch = this.#scratch;
    const { written } = this.#encoder.encodeInto(
      text,
      scratch.subarray(HEADER_SIZE),
    );
    for (let i = 0; i < HEADER_SIZE; i++) scratch[i] = written >> 8 * i;
    return scratch.subarray(0, HEADER_SIZE + written);
  }

  /** Copies as much of `bytes` as fits, and wakes the reader. */
  #copy(bytes: Uint8Array): number {
    const written = Atomics.load(this.#control, WRITTEN);
    const used = written - Atomics.load(this.#control, READ) | 0;
    const size = Math.min(bytes.length, CAPACITY - used);
    if (size === 0) return 0;
    const at = written & (CAPACITY - 1);
    const first = Math.min(size, CAPACITY - at);
    this.#ring.set(bytes.subarray(0, first), at);
    this.#ring.set(bytes.subarray(first, size), 0);
    Atomics.store(this.#control, WRITTEN, written + size | 0);
    Atomics.notify(this.#control, WRITTEN);
    return size;
  }

  async #writeWaiting(): Promise<void> {
    while (this.#head < this.#waiting.length) {
      const read = Atomics.load(this.#control, READ);
      const bytes = this.#waiting[this.#head];
      const taken = this.#copy(bytes);
      if (taken === bytes.length) this.#head++;
      else {
        this.#waiting[this.#head] = bytes.subarray(taken);
        await changed(this.#control, READ, read);
      }
    }
    this.#waiting = [];
    this.#head = 0;
  }
}

class RingReader {
  readonly #control: Int32Array;
  readonly #ring: Uint8Array;
  readonly #receive: (cmd: unknown) => void;
  readonly #decoder = new TextDecoder();
  /**
   * An incomplete frame, with room for more. Not every `decode` accepts shared
   * memory.
   */
  #buffer = new Uint8Array(2 * CAPACITY);
  #length = 0;

  constructor(shared: SharedArrayBuffer, receive: (cmd: unknown) => void) {
    this.#control = new Int32Array(shared, 0, 2);
    this.#ring = new Uint8Array(shared, CONTROL_SIZE);
    this.#receive = receive;
  }

  /** Reads forever, but lets the thread do other work in between. */
  async run(): Promise<void> {
    for (;;) {
      const read = Atomics.load(this.#control, READ);
      await changed(this.#control, WRITTEN, read);
      this.#read(read, Atomics.load(this.#control, WRITTEN));
      this.#dispatch();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Takes everything out of the ring, and wakes a writer that waits for room.
   */
  #read(read: number, written: number): void {
    const size = written - read | 0;
    if (this.#length + size > this.#buffer.length) {
      const larger = new Uint8Array(2 * (this.#length + size));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    const at = read & (CAPACITY - 1);
    const first = Math.min(size, CAPACITY - at);
    this.#buffer.set(this.#ring.subarray(at, at + first), this.#length);
    this.#buffer.set(
      this.#ring.subarray(0, size - first),
      this.#length + first,
    );
    this.#length += size;
    Atomics.store(this.#control, READ, written);
    Atomics.notify(this.#control, READ);
  }

  /** Delivers the complete frames. */
  #dispatch(): void {
    const buffer = this.#buffer;
    let at = 0;
    while (at + HEADER_SIZE <= this.#length) {
      let size = 0;
      for (let i = 0; i < HEADER_SIZE; i++) size += buffer[at + i] << 8 * i;
      const start = at + HEADER_SIZE;
      if (start + size > this.#length) break;
      at = start + size;
      const text = this.#decoder.decode(buffer.subarray(start, at));
      for (const cmd of JSON.parse(text)) this.#receive(cmd);
    }
    buffer.copyWithin(0, at, this.#length);
    this.#length -= at;
  }
}

/** Resolves once `control[index]` differs from `value`. */
async function changed(
  control: Int32Array,
  index: number,
  value: number,
): Promise<void> {
  const wait = Atomics.waitAsync(control, index, value);
  if (wait.async) await wait.value;
}
