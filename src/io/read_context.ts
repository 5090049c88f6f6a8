import { isGone, partOf } from "../util/views.ts";
import { EMPTY } from "./empty.ts";
import { ViewCache } from "./view_cache.ts";

/** How many bytes of a read are laid out at a time, if they come in small messages. */
export const LARGE_CACHE_SIZE = 64 * 1024;

/** Reads of as many bytes at most are laid out in a buffer that stays in the caches of the processor. */
export const SMALL_CACHE_SIZE = 8 * 1024;

/** What earlier reads left of a message. */
export interface EarlierBytes {
  /** Copies its bytes, `most` at most, to `target`, from `start` on; returns how many bytes that is. */
  copyTo(target: Uint8Array, start: number, most: number): number;
}

/** Who sends what is handled, from where it lies. */
export interface SliceOwner {
  /** The bytes are about to be overwritten: copy them. The run ends with this call. */
  copySlice(): void;
}

/**
 * What is read, handled and sent right now, for all connections of a runtime,
 * which read in turn.
 *
 * A handler gets everything from the start of its message to the end of the
 * read. In steady state no object is made for it: what is read is laid out in a
 * {@linkcode ViewCache}, whose views are made once. What is sent of it is a run:
 * bytes that follow each other, and stay where they are until the next are
 * handled.
 *
 * All of that is one object, and fields instead of getters: after each system
 * call an object has to be fetched anew, which costs more than to work with it.
 */
export class ReadContext {
  /** Whose read is dealt with. */
  reader: unknown = undefined;
  /** What was read; valid during the event that brought it. */
  #chunk: Uint8Array = EMPTY;
  /** A handler has got that itself, and may have put anything on it: what it says of itself is not to be believed. */
  #isGiven = false;
  /** Where that begins which is not dealt with. */
  pos = 0;
  /** Where what was read ends. */
  end = 0;

  /** Messages are being handed out. */
  isInUse = false;
  /** What the message that is being handled lies in: where it is laid out, or the read itself. */
  source: Uint8Array;
  /** Where it begins there. */
  start = 0;
  /** It lies in the read itself. */
  #isInPlace = false;
  /** What its handler was given. */
  current: Uint8Array | undefined = undefined;

  /** Who sends the run; undefined if there is none. */
  sliceOwner: SliceOwner | undefined = undefined;
  /** Where the run begins in `source`. */
  sliceStart = 0;
  /** Where it ends. */
  sliceEnd = 0;
  /** Where it is to end at the latest. */
  #sliceLimit = 0;
  /** Where that ends in `source` which a handler was given. */
  #currentEnd = 0;

  /** Of the layout in use. */
  #bytes: Uint8Array;
  #views: (Uint8Array | undefined)[];
  #isSmall = true;
  #small = new ViewCache(SMALL_CACHE_SIZE);
  /** Made by the first read that needs it. */
  #large: ViewCache | undefined = undefined;

  constructor() {
    this.source = this.#bytes = this.#small.bytes;
    this.#views = this.#small.views;
  }

  /** What `reader` has read are the first `length` bytes of `buffer`. */
  beginRead(reader: unknown, buffer: Uint8Array, length: number): void {
    this.reader = reader;
    this.#chunk = buffer;
    this.#isGiven = false;
    this.pos = 0;
    this.end = length;
  }

  /** The read is dealt with: what was not laid out is about to be overwritten, if not before `flushing` has written its run. */
  endRead(flushing?: SliceOwner): void {
    this.reader = undefined;
    this.#chunk = EMPTY;
    this.#isGiven = false;
    this.pos = this.end = 0;
    if (!this.#isInPlace) return;
    this.#isInPlace = false;
    this.current = undefined;
    if (this.sliceOwner !== flushing) this.sliceOwner?.copySlice();
  }

  /** What was read, in an object that no handler has. */
  get ownChunk(): Uint8Array {
    if (this.#isGiven) {
      this.#isGiven = false;
      this.#chunk = partOf(this.#chunk, 0, this.end);
    }
    return this.#chunk;
  }

  /** True if `available` bytes are all that was read, and an object of their own that no handler has. */
  isWhole(available: number): boolean {
    const chunk = this.#chunk;
    return !this.#isGiven && available === chunk.length && this.pos === 0 &&
      chunk.constructor === Uint8Array;
  }

  /** That object, which a handler is given. */
  giveWhole(): Uint8Array {
    this.#isGiven = true;
    return this.#chunk;
  }

  /** Lays out `count` bytes, 1 to `STAGE_SIZE`: those of `tail`, then, if it has fewer, what was read. */
  load(count: number, tail: EarlierBytes | undefined): void {
    this.sliceOwner?.copySlice();
    const isSmall = count <= SMALL_CACHE_SIZE;
    if (isSmall !== this.#isSmall || this.#bytes.length === 0) {
      this.#use(isSmall);
    }
    const bytes = this.#bytes;
    const { ownChunk, pos } = this;
    this.source = bytes;
    this.#currentEnd = bytes.length;
    this.#isInPlace = false;
    const start = bytes.length - count;
    const held = tail === undefined ? 0 : tail.copyTo(bytes, start, count);
    const end = pos + count - held;
    bytes.set(
      pos === 0 && end === ownChunk.length
        ? ownChunk
        : ownChunk.subarray(pos, end),
      start + held,
    );
  }

  /** A handler is given the last `length` bytes of what is laid out. */
  show(length: number): Uint8Array {
    this.start = this.source.length - length;
    return this.current = this.#views[length] ?? this.#makeView(length);
  }

  /** A handler is given `view`, `size` bytes of what was read from `pos` on, where they were read. */
  showInPlace(view: Uint8Array, size: number): void {
    if (!this.#isInPlace) {
      this.sliceOwner?.copySlice();
      this.source = this.#chunk;
      this.#isInPlace = true;
    }
    this.start = this.pos;
    this.#currentEnd = this.pos + size;
    this.current = view;
  }

  /**
   * Bytes of the message that is being handled are the run of `owner`, which may
   * then grow as long as it stays shorter than `limit`; false if they are no such
   * bytes or too many, or somebody has a run.
   */
  beginSlice(
    owner: SliceOwner,
    bytes: ArrayBufferView,
    start: number,
    end: number,
    limit: number,
  ): boolean {
    if (
      this.sliceOwner !== undefined || bytes !== this.current ||
      !Number.isInteger(start) || !Number.isInteger(end) ||
      !(start >= 0 && start < end && this.start + end <= this.#currentEnd) ||
      end - start >= limit
    ) return false;
    this.sliceOwner = owner;
    this.sliceStart = this.start + start;
    this.sliceEnd = this.start + end;
    this.#sliceLimit = this.sliceStart + limit - 1;
    return true;
  }

  /** Has the run of `owner` grow by bytes of the message that is being handled; false if it has none, or they are no such bytes, do not follow it, or are too many. */
  extendSlice(
    owner: SliceOwner,
    bytes: ArrayBufferView,
    start: number,
    end: number,
  ): boolean {
    if (
      this.sliceOwner !== owner || bytes !== this.current ||
      start !== this.sliceEnd - this.start || !Number.isInteger(end)
    ) return false;
    const newEnd = this.start + end;
    if (
      start < 0 || end < start ||
      newEnd > this.#sliceLimit || newEnd > this.#currentEnd
    ) return false;
    this.sliceEnd = newEnd;
    return true;
  }

  /** Ends the run; returns its bytes, none if somebody has transferred them to another thread. */
  takeSlice(): Uint8Array {
    this.sliceOwner = undefined;
    const { source, sliceStart, sliceEnd } = this;
    if (isGone(source)) return EMPTY;
    if (source !== this.#bytes) return partOf(source, sliceStart, sliceEnd);
    return sliceEnd === source.length
      ? this.#views[sliceEnd - sliceStart] ??
        this.#makeView(sliceEnd - sliceStart)
      : source.subarray(sliceStart, sliceEnd);
  }

  #makeView(length: number): Uint8Array {
    const bytes = this.#bytes;
    if (bytes.length === 0) return bytes;
    return this.#views[length] = bytes.subarray(bytes.length - length);
  }

  /** Lays out in the small or the large layout from now on: a new one if somebody has transferred the last one away. */
  #use(isSmall: boolean): void {
    let layout = isSmall ? this.#small : this.#large;
    if (layout === undefined || layout.isGone) {
      layout = new ViewCache(isSmall ? SMALL_CACHE_SIZE : LARGE_CACHE_SIZE);
      if (isSmall) this.#small = layout;
      else this.#large = layout;
    }
    this.#isSmall = isSmall;
    this.#bytes = layout.bytes;
    this.#views = layout.views;
  }
}
