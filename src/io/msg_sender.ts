import { BORROWED, type Socket } from "../adapters/adapter.ts";
import {
  ConnectionClosedError,
  InvalidSliceError,
  SendQueueFullError,
} from "../errors.ts";
import { watchPromise } from "../util/promises.ts";
import { type BufferPool, EMPTY, LARGEST_POOLED } from "./buffer_pool.ts";
import { type Stage, STAGE_SIZE } from "./stage.ts";

/** What became of a send: handed to the system, or lost with the connection. */
export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: Error };

/**
 * Called exactly once for a send, never from inside the call that sends: when
 * the system has all of its bytes, or when the connection is closed before. It
 * may send, close and command like any handler; if it throws, its connection is
 * closed.
 */
export type SendCompletion = (result: SendResult) => void;

/** What {@linkcode MsgSender.sendOrQueue} did. */
export const SendOrQueueResult = {
  /** Nothing stands in the way: the bytes go out at the end of this turn at the latest. */
  Complete: "complete",
  /** The socket is full: the bytes wait in the queue until it takes more. */
  InQueue: "in-queue",
  /** The connection is closed or closing: the bytes were not taken. */
  Closed: "closed",
} as const;

/** One of the values of {@linkcode (SendOrQueueResult:variable)}. */
export type SendOrQueueResult =
  typeof SendOrQueueResult[keyof typeof SendOrQueueResult];

/** A send whose completion is still to be called. */
export interface PendingSend {
  /** How many bytes the connection has sent in all when this one is out. */
  readonly endPosition: number;
  /** How many bytes it sends. */
  readonly msgSize: number;
  /** To be called when it is out. */
  readonly completion: SendCompletion;
}

/** The bounds of a {@linkcode MsgSender}; see `ConnectionOptions`. */
export interface MsgSenderSettings {
  /** See `ConnectionOptions.maxSendQueue`. */
  readonly maxSendQueue: number;
  /** See `ConnectionOptions.sendQueueOverflow`. */
  readonly sendQueueOverflow: "close" | "reject";
  /** See `ConnectionOptions.sendHighWaterMark`. */
  readonly sendHighWaterMark: number;
}

/** What a {@linkcode MsgSender} asks of its connection. */
export interface MsgSenderHost {
  /** There is something to flush or settle: do so before the turn ends. */
  onSendPending(): void;
  /** The queue is longer than the high-water mark. */
  onHighWaterMark(): void;
  /** The queue would be longer than allowed: end the connection. */
  onSendQueueFull(error: SendQueueFullError): void;
  /** A completion threw, or returned a promise that rejected. */
  onCompletionThrew(thrown: unknown): void;
  /** Call back in the next turn. */
  defer(callback: () => void): void;
}

const SENT: SendResult = { ok: true };

const FLUSH_SIZE = 64 * 1024;

/** Bytes of this many or more are offered to the kernel without a copy, where it takes a copy itself. */
const DIRECT_SIZE = 16 * 1024;

/** Lent bytes are out all at once, so more of them would hide the progress that time limits look for. */
const LENT_SIZE = 256 * 1024;

/** So many bytes are copied faster than a view is made. */
const CHEAP_SURPLUS = 2048;

/** A piece of the queue; bytes from `start` to `end` are to be sent. */
class Segment {
  bytes = EMPTY;
  start = 0;
  end = 0;
  /** The bytes lie on the stage, and are copied before that is used again. */
  isStaged = false;
  next: Segment | null = null;
}

/** An entry of the list of completions. */
class Pending implements PendingSend {
  next: Pending | null = null;

  constructor(
    readonly endPosition: number,
    readonly msgSize: number,
    readonly completion: SendCompletion,
  ) {}
}

/**
 * Sends for one connection. All bytes go through one queue, in order; one write
 * is under way at a time; what the socket does not take is sent when it is
 * writable again.
 *
 * Sends of one turn are collected and written together at its end. Nothing is
 * ever sent twice, dropped or interleaved short of the end of the connection.
 */
export class MsgSender {
  readonly #socket: Socket;
  readonly #borrowsWrites: boolean;
  readonly #pool: BufferPool;
  readonly #stage: Stage;
  readonly #settings: MsgSenderSettings;
  readonly #host: MsgSenderHost;
  /** A queue as long as this does not wait for the end of the turn. */
  readonly #flushSize: number;

  #head: Segment | null = null;
  #tail: Segment | null = null;
  #spare: Segment | null = new Segment();
  /** Segments that lie on the stage are not before this one. */
  #firstStaged: Segment | null = null;
  #bytesQueued = 0;
  #bytesSent = 0;
  /** How many bytes at the head of the queue the socket has borrowed. */
  #lent = 0;
  #socketFull = false;
  #closed = false;

  #firstPending: Pending | null = null;
  #lastPending: Pending | null = null;
  #countPending = 0;

  /** For the runtime. */
  constructor(
    socket: Socket,
    borrowsWrites: boolean,
    pool: BufferPool,
    settings: MsgSenderSettings,
    host: MsgSenderHost,
  ) {
    this.#socket = socket;
    this.#borrowsWrites = borrowsWrites;
    this.#pool = pool;
    this.#stage = pool.stage;
    this.#settings = settings;
    this.#host = host;
    this.#flushSize = Math.min(FLUSH_SIZE, settings.sendHighWaterMark + 1);
  }

  /** How many bytes the system has taken so far. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** How many bytes wait, those of a write under way included. */
  get bytesQueued(): number {
    return this.#bytesQueued;
  }

  /** How many completions are still to be called. */
  get countPending(): number {
    return this.#countPending;
  }

  /**
   * Sends `bytes`, or queues them to be sent as soon as the socket takes them.
   * They are the caller's again when the call returns. May be called from
   * anywhere in the thread of the runtime.
   *
   * `completion` is called once they are out, or lost with the connection. On a
   * connection that is closed or closing it is called with
   * {@linkcode ConnectionClosedError}, and the result is `Closed`.
   *
   * Beyond `maxSendQueue` the connection is aborted, or, if `sendQueueOverflow`
   * is `"reject"`, {@linkcode SendQueueFullError} is thrown and nothing is sent.
   */
  sendOrQueue(
    bytes: Uint8Array,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.#send(bytes, 0, bytes.length, completion, false);
  }

  /**
   * Sends the bytes from `start` (inclusive) to `end` (exclusive) as
   * {@linkcode MsgSender.sendOrQueue} does, but makes no view, and no copy where
   * it can do without: if `bytes` is the `buf` of the message that is being
   * handled, these bytes must not be changed any more before the handler returns.
   * Throws {@linkcode InvalidSliceError} if they do not lie within `bytes`.
   */
  sendSlice(
    bytes: Uint8Array,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    if (completion === undefined && this.#extendRun(bytes, start, end)) {
      return this.#result;
    }
    return this.#send(bytes, start, end, completion, true);
  }

  /**
   * Sends what the socket takes of `bytes` at once, and returns how many bytes
   * that was; the rest is the caller's to send again. 0 if anything is queued, or
   * the connection is closed or closing. Where the runtime does not tell how much
   * a socket takes, it takes all (at most `maxSendQueue`) or nothing.
   */
  sendNoQueue(bytes: Uint8Array): number {
    if (this.#closed || bytes.length === 0) return 0;
    this.flush();
    if (!this.#borrowsWrites) return this.#writeDirect(bytes, 0, bytes.length);
    if (this.#bytesQueued > 0) return 0;
    const size = Math.min(bytes.length, this.#settings.maxSendQueue);
    this.#append(bytes, 0, size);
    this.flush();
    return size;
  }

  /** Writes what is queued as far as the socket takes it. For the runtime, and for who cannot wait for the end of the turn. */
  flush(): void {
    while (this.#head !== null && !this.#blocked) {
      const head = this.#head;
      if (this.#borrowsWrites && head.isStaged) this.#own(head);
      const { bytes, start } = head;
      const end = this.#borrowsWrites
        ? Math.min(head.end, start + LENT_SIZE)
        : head.end;
      const taken = this.#socket.write(bytes, start, end);
      if (taken === BORROWED) {
        this.#lent = end - start;
      } else {
        this.#socketFull = taken < end - start;
        this.#drop(taken);
      }
    }
  }

  /** The socket takes more, or has sent what it borrowed. For the runtime. */
  onWritable(): void {
    const sent = this.#lent;
    this.#lent = 0;
    this.#socketFull = false;
    if (sent > 0) this.#drop(sent);
    this.flush();
  }

  /** Copies what is queued in place. For the stage. */
  returnStage(): void {
    let segment = this.#firstStaged;
    this.#firstStaged = null;
    for (; segment !== null; segment = segment.next) {
      if (segment.isStaged) this.#own(segment);
    }
  }

  /** Calls the completions of what is out. For the runtime. */
  settle(): void {
    while (
      this.#firstPending !== null &&
      this.#firstPending.endPosition <= this.#bytesSent
    ) {
      this.#complete(this.#takePending().completion, SENT);
    }
  }

  /** Takes nothing more. For the runtime. */
  close(): void {
    this.#closed = true;
  }

  /** Drops the queue and fails what is pending with `error`. For the runtime. */
  fail(error: Error): void {
    this.#closed = true;
    if (this.#lent > 0) this.#abandonLent();
    while (this.#head !== null) this.#drop(this.#head.end - this.#head.start);
    while (this.#firstPending !== null) {
      this.#complete(this.#takePending().completion, { ok: false, error });
    }
  }

  get #blocked(): boolean {
    return this.#socketFull || this.#lent > 0;
  }

  get #result(): SendOrQueueResult {
    return this.#blocked
      ? SendOrQueueResult.InQueue
      : SendOrQueueResult.Complete;
  }

  #send(
    bytes: Uint8Array,
    start: number,
    end: number,
    completion: SendCompletion | undefined,
    isInPlace: boolean,
  ): SendOrQueueResult {
    const size = end - start;
    if (
      bytes.BYTES_PER_ELEMENT !== 1 ||
      !(start >= 0 && size >= 0 && end <= bytes.length)
    ) {
      throw invalidSlice(bytes, start, end);
    }
    if (this.#closed) {
      this.#refuse(completion);
      return SendOrQueueResult.Closed;
    }
    if (this.#bytesQueued + size > this.#settings.maxSendQueue) {
      return this.#overflow(size, completion);
    }
    if (completion !== undefined) {
      this.#addPending(
        new Pending(
          this.#bytesSent + this.#bytesQueued + size,
          size,
          completion,
        ),
      );
    }
    const wasIdle = this.#bytesQueued === 0;
    let rest = start;
    if (size >= DIRECT_SIZE && !this.#borrowsWrites) {
      this.flush();
      rest += this.#writeDirect(bytes, start, end);
    }
    if (rest < end && !(isInPlace && this.#beginRun(bytes, rest, end))) {
      this.#append(bytes, rest, end);
    }
    if (this.#bytesQueued >= this.#flushSize) {
      this.flush();
      if (this.#bytesQueued > this.#settings.sendHighWaterMark) {
        this.#host.onHighWaterMark();
      }
    }
    if (wasIdle || completion !== undefined) this.#host.onSendPending();
    return this.#result;
  }

  #writeDirect(bytes: Uint8Array, start: number, end: number): number {
    if (this.#bytesQueued > 0 || this.#blocked) return 0;
    const taken = this.#socket.write(bytes, start, end);
    this.#socketFull = taken < end - start;
    this.#bytesSent += taken;
    return taken;
  }

  /** Queues bytes of the message that is being handled without a copy; false if they are no such bytes. */
  #beginRun(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.#stage.isView(bytes) || !this.#stage.lend(this)) return false;
    const offset = STAGE_SIZE - bytes.length;
    const segment = this.#addSegment(this.#stage.bytes);
    segment.isStaged = true;
    segment.start = offset + start;
    segment.end = offset + end;
    this.#firstStaged ??= segment;
    this.#bytesQueued += end - start;
    return true;
  }

  /** The same for bytes that follow those that were queued last; what most messages of a long read come to. */
  #extendRun(bytes: Uint8Array, start: number, end: number): boolean {
    const tail = this.#tail;
    if (tail === null || !tail.isStaged || !this.#stage.isView(bytes)) {
      return false;
    }
    const queued = this.#bytesQueued + end - start;
    const follows = tail.end === STAGE_SIZE - bytes.length + start;
    const isWithin = start >= 0 && start <= end && end <= bytes.length;
    if (!follows || !isWithin || queued >= this.#flushSize || this.#closed) {
      return false;
    }
    tail.end += end - start;
    this.#bytesQueued = queued;
    return true;
  }

  /** Queues the bytes from `start` to `end`. */
  #append(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    const segment = this.#segmentFor(size);
    // To copy a little too much, which is overwritten next, costs less than a view.
    const surplus = bytes.length - end;
    const isCheap = start === 0 && surplus <= CHEAP_SURPLUS &&
      segment.end + bytes.length <= segment.bytes.length;
    segment.bytes.set(
      isCheap ? bytes : bytes.subarray(start, end),
      segment.end,
    );
    segment.end += size;
    this.#bytesQueued += size;
  }

  /** The last segment if it has room for `size` bytes or can be made larger, else a new one. */
  #segmentFor(size: number): Segment {
    const tail = this.#tail;
    if (tail !== null) {
      if (!tail.isStaged && size <= tail.bytes.length - tail.end) return tail;
      const used = tail.end - tail.start;
      const isLent = tail === this.#head && this.#lent > 0;
      if (!isLent && used + size <= LARGEST_POOLED) {
        this.#moveTo(tail, this.#pool.acquire(used + size));
        return tail;
      }
    }
    return this.#addSegment(this.#pool.acquire(size));
  }

  /** Puts a segment that uses `bytes`, and nothing of them yet, at the end of the queue. */
  #addSegment(bytes: Uint8Array): Segment {
    const segment = this.#spare ?? new Segment();
    this.#spare = null;
    segment.bytes = bytes;
    if (this.#tail === null) this.#head = segment;
    else this.#tail.next = segment;
    this.#tail = segment;
    return segment;
  }

  /** Copies what `segment` has to send to `bytes`, and has it use these. */
  #moveTo(segment: Segment, bytes: Uint8Array): void {
    const { start, end } = segment;
    bytes.set(
      segment.isStaged && end === STAGE_SIZE
        ? this.#stage.view(end - start)
        : segment.bytes.subarray(start, end),
    );
    this.#release(segment);
    segment.end -= segment.start;
    segment.start = 0;
    segment.bytes = bytes;
  }

  #own(segment: Segment): void {
    this.#moveTo(segment, this.#pool.acquire(segment.end - segment.start));
  }

  #release(segment: Segment): void {
    if (!segment.isStaged && segment.bytes !== EMPTY) {
      this.#pool.release(segment.bytes);
    }
    segment.isStaged = false;
  }

  /** Removes `count` bytes of the first segment from the queue. */
  #drop(count: number): void {
    const head = this.#head as Segment;
    head.start += count;
    this.#bytesSent += count;
    this.#bytesQueued -= count;
    if (head.start < head.end) return;
    this.#head = head.next;
    if (this.#head === null) this.#tail = null;
    if (this.#firstStaged === head) this.#firstStaged = this.#head;
    this.#release(head);
    head.bytes = EMPTY;
    head.start = head.end = 0;
    head.next = null;
    this.#spare = head;
  }

  /** The runtime may still read what it borrowed, so that buffer is not used again. */
  #abandonLent(): void {
    this.#lent = 0;
    (this.#head as Segment).bytes = EMPTY;
  }

  #overflow(size: number, completion?: SendCompletion): SendOrQueueResult {
    const { maxSendQueue, sendQueueOverflow } = this.#settings;
    const error = new SendQueueFullError(
      `Cannot queue ${size} bytes: ${this.#bytesQueued} are queued and maxSendQueue is ${maxSendQueue}`,
    );
    if (sendQueueOverflow === "reject") throw error;
    this.#closed = true;
    if (completion !== undefined) {
      this.#addPending(new Pending(Infinity, size, completion));
    }
    this.#host.onSendQueueFull(error);
    return SendOrQueueResult.Closed;
  }

  #refuse(completion?: SendCompletion): void {
    if (completion === undefined) return;
    const error = new ConnectionClosedError(
      "Cannot send: the connection is closed or closing",
    );
    this.#host.defer(() => this.#complete(completion, { ok: false, error }));
  }

  #complete(completion: SendCompletion, result: SendResult): void {
    try {
      watchPromise(completion(result), this.#onThrown);
    } catch (thrown) {
      this.#onThrown(thrown);
    }
  }

  readonly #onThrown = (thrown: unknown): void =>
    this.#host.onCompletionThrew(thrown);

  #addPending(pending: Pending): void {
    if (this.#lastPending === null) this.#firstPending = pending;
    else this.#lastPending.next = pending;
    this.#lastPending = pending;
    this.#countPending++;
  }

  #takePending(): Pending {
    const pending = this.#firstPending as Pending;
    this.#firstPending = pending.next;
    if (this.#firstPending === null) this.#lastPending = null;
    this.#countPending--;
    return pending;
  }
}

function invalidSlice(
  bytes: unknown,
  start: number,
  end: number,
): InvalidSliceError {
  const what = (bytes as Uint8Array | undefined)?.BYTES_PER_ELEMENT === 1
    ? `${(bytes as Uint8Array).length} bytes`
    : `what is no Uint8Array but ${typeof bytes}`;
  return new InvalidSliceError(`Cannot send ${start} to ${end} of ${what}`);
}
