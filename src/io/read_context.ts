import { LARGE_CACHE_SIZE, SMALL_CACHE_SIZE } from "../tuning.ts";
import { isGone, partOf, sizeOf } from "../util/views.ts";
import { EMPTY } from "../util/empty.ts";
import { handsOut } from "../util/known_parts.ts";
import { ViewCache } from "./view_cache.ts";

/** What adapters read into for many sockets has so many bytes at least: no handler is given that object, which is used again. */
const LEAST_SHARED = 64 * 1024;

/** The beginning of a message, which earlier reads left. */
export interface HeldBytes {
  /** Copies what is left, `most` bytes at most, to `target`, from `start` on; returns how many bytes that is. */
  copyTo(target: Uint8Array, start: number, most: number): number;
}

/** Sends a slice range: bytes of the messages in hand, from where they lie. */
export interface SliceOwner {
  /** The bytes are about to be overwritten: copy them. The slice range ends with this call. */
  copySlice(): void;
}

/**
 * The read in hand, its message in hand, and what is sent of them, for all
 * connections of a runtime, which read one at a time.
 *
 * A handler is given everything from the start of its message to the end of the
 * read. In steady state no object is made for that: what is read is laid out in a
 * {@linkcode ViewCache}, whose views are made once. What a handler sends of it
 * is a slice range: adjacent bytes, which stay where they are until the next
 * read is laid out.
 *
 * All of that is one object, with fields instead of getters: after each system
 * call an object has to be fetched anew, which costs more than to work with it.
 */
export class ReadContext {
  /** Whose read it is. */
  reader: unknown = undefined;
  /** What was read; valid during the event that brought it. */
  #chunk: Uint8Array = EMPTY;
  /** A handler was given that very object, and may have put anything on it: what it says of itself is not to be believed. */
  #isGiven = false;
  /** What is read next may go there, too. */
  #isReused = false;
  /** Offset of the first unconsumed byte. */
  pos = 0;
  /** Offset behind the last byte. */
  end = 0;

  /** Messages are being handed out. */
  isInUse = false;
  /** The bytes that the message in hand is part of: those of a view cache, or the read itself. */
  source: Uint8Array;
  /** Offset of the message there. */
  start = 0;
  /** It is part of the read itself. */
  #isInPlace = false;
  /** What its handler was given. */
  current: Uint8Array | undefined = undefined;

  /** Who sends the slice range; undefined if there is none. */
  sliceOwner: SliceOwner | undefined = undefined;
  /** Offset of the slice range in `source`. */
  sliceStart = 0;
  /** Offset behind it. */
  sliceEnd = 0;
  /** The largest that `sliceEnd` may become. */
  #sliceLimit = 0;
  /** Offset in `source` behind what the handler was given. */
  #currentEnd = 0;

  /** Of the view cache in use. */
  #bytes: Uint8Array;
  #views: (Uint8Array | undefined)[];
  #parts: (Uint8Array | number)[];
  #isSmall = true;
  #small = new ViewCache(SMALL_CACHE_SIZE);
  /** Made by the first read that needs it. */
  #large: ViewCache | undefined = undefined;

  constructor() {
    this.source = this.#bytes = this.#small.bytes;
    this.#views = this.#small.views;
    this.#parts = this.#small.parts;
  }

  /** What `reader` has read are the first `length` bytes of `buffer`, to which more may be read later if that `isReused`. */
  beginRead(
    reader: unknown,
    buffer: Uint8Array,
    length: number,
    isReused = false,
  ): void {
    this.reader = reader;
    this.#chunk = buffer;
    this.#isGiven = false;
    this.#isReused = isReused;
    this.pos = 0;
    this.end = length;
  }

  /** The read is over: what was not laid out is about to be overwritten, but not before `flushing` has written its slice range. */
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

  /** What was read, as an object that no handler has. */
  get ownChunk(): Uint8Array {
    if (this.#isGiven) this.#keepOwn();
    return this.#chunk;
  }

  /** Leaves to a handler what it was given of the read: an object of our own stands for that. */
  #keepOwn(): void {
    this.#isGiven = false;
    this.#chunk = partOf(this.#chunk, 0, this.end);
  }

  /** Lays out `count` bytes, 1 to `LARGE_CACHE_SIZE`: those of `partial`, then, if it has fewer, those that were read. */
  load(count: number, partial: HeldBytes | undefined): void {
    handsOut(this);
    this.sliceOwner?.copySlice();
    const isSmall = count <= SMALL_CACHE_SIZE;
    if (isSmall !== this.#isSmall || this.#bytes.length === 0) {
      this.#use(isSmall);
    }
    if (this.#isGiven) this.#keepOwn();
    const bytes = this.#bytes;
    const chunk = this.#chunk;
    const { pos } = this;
    this.source = bytes;
    this.#currentEnd = bytes.length;
    this.#isInPlace = false;
    const start = bytes.length - count;
    const held = partial === undefined
      ? 0
      : partial.copyTo(bytes, start, count);
    const end = pos + count - held;
    bytes.set(
      pos === 0 && end === chunk.length ? chunk : chunk.subarray(pos, end),
      start + held,
    );
  }

  /** A handler is given the last `length` bytes of what is laid out. */
  show(length: number): Uint8Array {
    this.start = this.source.length - length;
    return this.current = this.#views[length] ?? this.#makeView(length);
  }

  /** A handler is given what was read itself, if that is `available` bytes in an object of their own that no handler has; else undefined. */
  showWhole(available: number): Uint8Array | undefined {
    const chunk = this.#chunk;
    const isOwn = !this.#isGiven && available < LEAST_SHARED &&
      available === chunk.length && this.pos === 0 && !this.#isReused &&
      chunk.constructor === Uint8Array;
    if (!isOwn) return undefined;
    this.showInPlace(chunk, available);
    this.#isGiven = true;
    return chunk;
  }

  /** A handler is given `view`, the `size` bytes that were read from `pos` on, where they were read. */
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
   * Makes bytes of the message in hand the slice range of `owner`, which may then
   * grow as long as it stays shorter than `limit`; false if they are no such bytes
   * or too many, or there is a slice range already.
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

  /** Extends the slice range, of which there is one, by bytes of the message in hand; false if they are no such bytes, not adjacent to it, or too many. */
  extendSlice(bytes: ArrayBufferView, start: number, end: number): boolean {
    if (
      bytes !== this.current ||
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

  /** Ends the slice range; returns its bytes, none if somebody has transferred their buffer away. */
  takeSlice(): Uint8Array {
    this.sliceOwner = undefined;
    const { source, sliceStart, sliceEnd } = this;
    if (source !== this.#bytes) {
      return isGone(source) ? EMPTY : partOf(source, sliceStart, sliceEnd);
    }
    if (source.length === 0) return EMPTY;
    return sliceEnd === source.length
      ? this.lastBytes(sliceEnd - sliceStart)
      : source.subarray(sliceStart, sliceEnd);
  }

  /**
   * The bytes from `start` to `end` of the message in hand, in a view that was made
   * for the same part of a message before; undefined if there is none, or `bytes` is
   * not what its handler was given, or it lies in the read itself, or has no such
   * bytes.
   */
  partOf(
    bytes: ArrayBufferView,
    start: number,
    end: number,
  ): Uint8Array | undefined {
    const isThere = bytes === this.current && !this.#isInPlace &&
      Number.isInteger(start) && Number.isInteger(end) && start >= 0 &&
      start < end && this.start + end <= this.source.length;
    if (!isThere) return undefined;
    const at = this.start + start;
    const size = end - start;
    const part = this.#parts[at];
    return typeof part === "object" && sizeOf(part) === size
      ? part
      : this.#makePart(at, size);
  }

  /** All bytes from `start` of the message in hand on, which it has; undefined if it lies in the read itself, or `bytes` is not what its handler was given. */
  restOf(bytes: ArrayBufferView, start: number): Uint8Array | undefined {
    return bytes === this.current && !this.#isInPlace
      ? this.lastBytes(this.source.length - this.start - start)
      : undefined;
  }

  /** The view, made once, of the last `count` bytes that are laid out. */
  lastBytes(count: number): Uint8Array {
    return this.#views[count] ?? this.#makeView(count);
  }

  /** A view that stays, if the last part that began there had as many bytes. */
  #makePart(at: number, size: number): Uint8Array | undefined {
    const parts = this.#parts;
    if (parts[at] === size) {
      return parts[at] = this.source.subarray(at, at + size);
    }
    parts[at] = size;
    return undefined;
  }

  #makeView(length: number): Uint8Array {
    const bytes = this.#bytes;
    if (bytes.length === 0) return bytes;
    return this.#views[length] = bytes.subarray(bytes.length - length);
  }

  /** Switches to the small or the large view cache: a new one if somebody has transferred the buffer of the last one away. */
  #use(isSmall: boolean): void {
    let cache = isSmall ? this.#small : this.#large;
    if (cache === undefined || cache.isGone) {
      cache = new ViewCache(isSmall ? SMALL_CACHE_SIZE : LARGE_CACHE_SIZE);
      if (isSmall) this.#small = cache;
      else this.#large = cache;
    }
    this.#isSmall = isSmall;
    this.#bytes = cache.bytes;
    this.#views = cache.views;
    this.#parts = cache.parts;
  }
}
