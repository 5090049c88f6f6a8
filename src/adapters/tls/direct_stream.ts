import { concatBytes } from "../../util/concat_bytes.ts";
import {
  type DuplexOptions,
  type DuplexStream,
  loadTls,
  type NodeEmitter,
} from "./node_tls_types.ts";
import { JOINED_RECORDS_SIZE } from "../../tuning.ts";

type WriteCallback = (error?: Error | null) => void;

/** Without `writev`: the stream joins chunks by itself. */
type DirectOptions = Omit<DuplexOptions, "writev">;

/** What `node:tls` of Node and Deno uses of the stream below it. */
export interface DirectStream extends DuplexStream {
  readonly readable: true;
  readonly writable: true;
  readonly allowHalfOpen: true;
  readonly readableLength: number;
  pause(): DirectStream;
  resume(): DirectStream;
  cork(): void;
  uncork(): void;
  write(chunk: Uint8Array, ...rest: unknown[]): boolean;
  /** Passes data to `onData` from now on, instead of emitting "data". */
  takeOverReads(onData: (bytes: Uint8Array) => void): void;
  /** Writes `chunks`, at least one, and keeps them until they are written. */
  writeAll(chunks: readonly Uint8Array[]): void;
  end(...rest: unknown[]): DirectStream;
}

/**
 * Chunks that are written together are joined in this buffer, as long as writes
 * complete at once.
 */
let shared: Uint8Array | undefined;

function joinedInShared(chunks: readonly Uint8Array[]): Uint8Array {
  shared ??= new Uint8Array(JOINED_RECORDS_SIZE);
  let end = 0;
  for (const chunk of chunks) {
    if (end + chunk.length > JOINED_RECORDS_SIZE) return concatBytes(...chunks);
    shared.set(chunk, end);
    end += chunk.length;
  }
  return shared.subarray(0, end);
}

/** Created on first use. */
let directStream: (new (options: DirectOptions) => DirectStream) | undefined;

/**
 * A stream class without the buffers of `stream.Duplex`. Pushed bytes are
 * passed on synchronously, so they are copied only while the stream is paused.
 * Chunks that are written while it is corked go out as one write.
 */
export function directStreams(): new (options: DirectOptions) => DirectStream {
  return directStream ??= newClass(loadTls().events.EventEmitter);
}

function newClass(
  Emitter: new () => NodeEmitter,
): new (options: DirectOptions) => DirectStream {
  return class extends Emitter implements DirectStream {
    readonly readable = true;
    readonly writable = true;
    readonly allowHalfOpen = true;
    readonly #options: DirectOptions;
    #isFlowing = false;
    #onData = (bytes: Uint8Array): void => void this.emit("data", bytes);
    /** What was pushed while paused; null is EOF. */
    #held: (Uint8Array | null)[] = [];
    /** Queued chunks, and the callbacks of their writes. */
    #chunks: Uint8Array[] = [];
    #waiting: WriteCallback[] = [];
    #isCorked = false;
    #isWriting = false;
    /** The last write did not complete synchronously. */
    #isKept = false;

    constructor(options: DirectOptions) {
      super();
      this.#options = options;
    }

    get readableLength(): number {
      return this.#held.length;
    }

    push(bytes: Uint8Array | null): boolean {
      if (!this.#isFlowing || this.#held.length > 0) {
        this.#held.push(bytes?.slice() ?? null);
        return false;
      }
      this.#pass(bytes);
      return this.#isFlowing;
    }

    pause(): DirectStream {
      this.#isFlowing = false;
      return this;
    }

    resume(): DirectStream {
      if (this.#isFlowing) return this;
      this.#isFlowing = true;
      if (this.#held.length > 0) queueMicrotask(() => this.#passHeld());
      else this.#options.read();
      return this;
    }

    takeOverReads(onData: (bytes: Uint8Array) => void): void {
      this.#onData = onData;
    }

    cork(): void {
      this.#isCorked = true;
    }

    uncork(): void {
      this.#isCorked = false;
      this.#writeOn();
    }

    write(chunk: Uint8Array, ...rest: unknown[]): boolean {
      const done = rest.at(-1);
      this.#chunks.push(chunk);
      if (typeof done === "function") this.#waiting.push(done as WriteCallback);
      if (!this.#isCorked) this.#writeOn();
      return true;
    }

    writeAll(chunks: readonly Uint8Array[]): void {
      this.#chunks.push(...chunks);
      if (!this.#isCorked) this.#writeOn();
    }

    /** Does not end anything: the carrier knows when all is written. */
    end(...rest: unknown[]): DirectStream {
      const done = rest.at(-1);
      if (typeof done === "function") queueMicrotask(() => done());
      return this;
    }

    /**
     * The carrier replaces this, and keeps the original for the end of the
     * connection.
     */
    destroy = (): DirectStream => {
      queueMicrotask(() => this.emit("close"));
      return this;
    };

    #pass(bytes: Uint8Array | null): void {
      if (bytes === null) this.emit("end");
      else this.#onData(bytes);
    }

    #passHeld(): void {
      while (this.#isFlowing && this.#held.length > 0) {
        this.#pass(this.#held.shift() as Uint8Array | null);
      }
      if (this.#isFlowing) this.#options.read();
    }

    #writeOn(): void {
      if (this.#isWriting || this.#chunks.length === 0) return;
      const chunks = this.#chunks;
      const waiting = this.#waiting;
      this.#chunks = [];
      this.#waiting = [];
      this.#isWriting = true;
      const bytes = chunks.length === 1
        ? chunks[0]
        : this.#isKept
        ? concatBytes(...chunks)
        : joinedInShared(chunks);
      this.#options.write(bytes, undefined, () => {
        this.#isWriting = false;
        for (const done of waiting) done();
        this.#writeOn();
      });
      this.#isKept = this.#isWriting;
      if (this.#isKept && bytes.buffer === shared?.buffer) shared = undefined;
    }
  };
}
