import {
  FIRST_CACHE_SIZE,
  LARGE_CACHE_SIZE,
  SMALL_CACHE_SIZE,
} from "../tuning.ts";
import { isGone, partOf, sizeOf } from "../util/views.ts";
import { EMPTY } from "../util/empty.ts";
import { handedOut } from "../util/known_parts.ts";
import { ViewCache } from "./view_cache.ts";

/**
 * The smallest buffer that an adapter reads into for many sockets. A handler
 * never gets a buffer object of that size or more, since it may be reused.
 */
const LEAST_SHARED = 64 * 1024;

/** The bytes of an incomplete message from earlier reads. */
export interface HeldBytes {
  /** Copies at most `most` bytes to `target` at `start`. Returns how many. */
  copyTo(target: Uint8Array, start: number, most: number): number;
}

/**
 * A connection that sends a slice range: bytes of the current messages, from
 * where they lie.
 */
export interface SliceOwner {
  /**
   * The bytes are about to be overwritten: copy them. This also ends the slice
   * range.
   */
  copySlice(): void;
}

/**
 * The current read, its current message, and what is sent of them. One serves
 * all connections of a runtime, since they read one at a time.
 *
 * A handler gets everything from the start of its message to the end of the
 * read. In steady state that allocates nothing: the bytes are laid out in a
 * {@linkcode ViewCache}, which creates each view once. What a handler sends of
 * them becomes the slice range: adjacent bytes that stay in place until the
 * next read is laid out.
 *
 * All of this is one object, with fields instead of getters: after a system
 * call each object is a cache miss, which costs more than the work itself.
 */
export class ReadContext {
  /** The connection that the read belongs to. */
  reader: unknown = undefined;
  /** The bytes read; valid during the event that delivered them. */
  #chunk: Uint8Array = EMPTY;
  /**
   * True if a handler was given `#chunk` itself. It may have put properties on
   * it, so nothing but its bytes can be trusted.
   */
  #isGiven = false;
  /** True if later reads may go to the same buffer. */
  #isReused = false;
  /** Offset of the first byte that is not consumed. */
  pos = 0;
  /** Offset past the last byte. */
  end = 0;

  /** True while messages are being handed out. */
  isInUse = false;
  /**
   * The bytes that contain the current message: a view cache, or the read
   * itself.
   */
  source: Uint8Array = EMPTY;
  /** Offset of the current message in `source`. */
  start = 0;
  /** True if `source` is the read itself. */
  #isInPlace = false;
  /** The view that the handler of the current message was given. */
  current: Uint8Array | undefined = undefined;

  /** The connection that sends the slice range; undefined if there is none. */
  sliceOwner: SliceOwner | undefined = undefined;
  /** Offset of the slice range in `source`. */
  sliceStart = 0;
  /** Offset past the slice range. */
  sliceEnd = 0;
  /** The largest value that `sliceEnd` may reach. */
  #sliceLimit = 0;
  /** Offset in `source` past the end of `current`. */
  #currentEnd = 0;

  /** Fields of the view cache in use. */
  #bytes: Uint8Array = EMPTY;
  #views: (Uint8Array | undefined)[] = [];
  #parts: (Uint8Array | number)[] = [];
  /** Reads up to this many bytes belong in another cache. */
  #tooFew = 0;
  /** Created by the first read that needs it; grows with longer reads. */
  #small: ViewCache | undefined = undefined;
  /** Created by the first read that needs it. */
  #large: ViewCache | undefined = undefined;

  /**
   * Begins a read of `reader`: the first `length` bytes of `buffer`. `isReused`
   * says that later reads may go to the same buffer.
   */
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

  /**
   * Ends the read. Slice ranges in its buffer are copied now, except that of
   * `flushing`, which is about to write it.
   */
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

  /** The bytes read, in an object that no handler has. */
  get ownChunk(): Uint8Array {
    if (this.#isGiven) this.#keepOwn();
    return this.#chunk;
  }

  /** Replaces `#chunk` by a new view, and leaves the old one to the handler. */
  #keepOwn(): void {
    this.#isGiven = false;
    this.#chunk = partOf(this.#chunk, 0, this.end);
  }

  /**
   * Copies `count` bytes (1 to `LARGE_CACHE_SIZE`) to a view cache: those of
   * `partial` first, then bytes of the read.
   */
  load(count: number, partial: HeldBytes | undefined): void {
    handedOut.by = this;
    this.sliceOwner?.copySlice();
    if (count <= this.#tooFew || count > this.#bytes.length) this.#use(count);
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

  /** Returns a view of the last `length` bytes laid out, for a handler. */
  show(length: number): Uint8Array {
    this.start = this.source.length - length;
    return this.current = this.#views[length] ?? this.#makeView(length);
  }

  /**
   * Returns the read itself for a handler, without creating a view, if it is
   * exactly `available` bytes in an object that nobody else has or reuses;
   * undefined otherwise.
   */
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

  /**
   * Makes `view`, which shows `size` bytes of the read from `pos` on, the
   * current message.
   */
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
   * Starts a slice range for `owner` with the bytes from `start` to `end` of
   * the current message. It may grow as long as it is shorter than `limit`.
   * Returns false if `bytes` is not the current message, the range is invalid
   * or too long, or there is a slice range already.
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

  /**
   * Extends the slice range by bytes of the current message. Returns false if
   * `bytes` is not that message, the range is not adjacent, or it gets too
   * long. There must be a slice range.
   */
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

  /**
   * Ends the slice range and returns its bytes: none if their buffer was
   * transferred away.
   */
  takeSlice(): Uint8Array {
    this.sliceOwner = undefined;
    const { source, sliceStart, sliceEnd } = this;
    if (source !== this.#bytes) {
      return isGone(source) ? EMPTY : partOf(source, sliceStart, sliceEnd);
    }
    if (source.length === 0) return EMPTY;
    const size = sliceEnd - sliceStart;
    return sliceEnd === source.length
      ? this.#views[size] ?? this.#makeView(size)
      : source.subarray(sliceStart, sliceEnd);
  }

  /**
   * Returns a cached view of the bytes from `start` to `end` of the current
   * message. Returns undefined if there is none yet, `bytes` is not the current
   * message, it lies in the read itself, or the range is invalid.
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

  /**
   * Returns a cached view of the current message from `start`, which must be
   * within it, to the end of what is laid out; undefined if it lies in the read
   * itself, or `bytes` is not the current message.
   */
  restOf(bytes: ArrayBufferView, start: number): Uint8Array | undefined {
    if (bytes !== this.current || this.#isInPlace) return undefined;
    const size = this.source.length - this.start - start;
    return this.#views[size] ?? this.#makeView(size);
  }

  /**
   * Caches a view only when a part of the same place and size is asked for a
   * second time.
   */
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

  /**
   * Switches to the view cache for `count` bytes, and replaces it if they do
   * not fit into it, or its buffer was transferred away.
   */
  #use(count: number): void {
    const isSmall = count <= SMALL_CACHE_SIZE;
    let cache = isSmall ? this.#small : this.#large;
    if (cache === undefined || cache.bytes.length < count) {
      cache = new ViewCache(isSmall ? smallCacheSize(count) : LARGE_CACHE_SIZE);
      if (isSmall) this.#small = cache;
      else this.#large = cache;
    }
    this.#tooFew = isSmall ? 0 : SMALL_CACHE_SIZE;
    this.#bytes = cache.bytes;
    this.#views = cache.views;
    this.#parts = cache.parts;
  }
}

/** The size of a small view cache for `count` bytes: a power of two. */
function smallCacheSize(count: number): number {
  return Math.max(FIRST_CACHE_SIZE, 2 ** (32 - Math.clz32(count - 1)));
}
