import { concatBytes } from "../../util/concat_bytes.ts";
import {
  type DuplexOptions,
  type DuplexStream,
  loadTls,
  type NodeEmitter,
} from "./node_tls_types.ts";

type WriteCallback = (error?: Error | null) => void;

/** It joins by itself what is to be written at once. */
type DirectOptions = Omit<DuplexOptions, "writev">;

/** What is used of a stream by what `node:tls` of Node and Deno lays over one. */
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
  /** From now on `onData` is called in place of the event. */
  takeOverReads(onData: (bytes: Uint8Array) => void): void;
  /** Writes `chunks`, one at least, which it keeps. */
  writeAll(chunks: readonly Uint8Array[]): void;
  end(...rest: unknown[]): DirectStream;
}

/** Records that are written together are joined in there, if they are likely to be taken at once. */
let shared: Uint8Array | undefined;
const SHARED_SIZE = 128 * 1024;

function joinedInShared(chunks: readonly Uint8Array[]): Uint8Array {
  shared ??= new Uint8Array(SHARED_SIZE);
  let end = 0;
  for (const chunk of chunks) {
    if (end + chunk.length > SHARED_SIZE) return concatBytes(...chunks);
    shared.set(chunk, end);
    end += chunk.length;
  }
  return shared.subarray(0, end);
}

/** Made when the first is asked for. */
let directStream: (new (options: DirectOptions) => DirectStream) | undefined;

/**
 * The class of a stream that has none of the buffers of a `stream.Duplex`: what is
 * pushed is passed on at once, unless it is paused, and so need not be kept; what
 * is written while it is corked is written as one.
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
    /** What was pushed while it was paused; the end is null. */
    #held: (Uint8Array | null)[] = [];
    /** What is to be written, and who waits for that. */
    #chunks: Uint8Array[] = [];
    #waiting: WriteCallback[] = [];
    #isCorked = false;
    #isWriting = false;
    /** What was written last was not taken at once. */
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

    /** Whoever made it knows by itself when all is said. */
    end(...rest: unknown[]): DirectStream {
      const done = rest.at(-1);
      if (typeof done === "function") queueMicrotask(() => done());
      return this;
    }

    /** Replaced by whoever made it, but for the real end. */
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
