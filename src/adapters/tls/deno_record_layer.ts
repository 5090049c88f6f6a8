import { fixedBuffer } from "../node_reads.ts";
import type { DirectStream } from "./direct_stream.ts";
import {
  hasMethods,
  LONGEST_RECORD,
  type RecordLayer,
  type RecordLayerParts,
} from "./record_layer.ts";

/** What is used of the handle of a TLS socket of Deno, a `TLSWrap`. */
interface DenoTlsHandle {
  /** What it was made over, a `JSStreamSocket`. */
  readonly _parentWrap?: { readonly stream?: object } | null;
  /** Called when there is more, or an end. */
  onread: () => void;
  /** Called when it has failed. */
  onerror: (error: Error) => void;
  /** How many bytes it has decrypted, those included that it has not told yet. */
  getBytesRead(): number;
  /** What it decrypts goes in there from now on. */
  useUserBuffer(buffer: Uint8Array): void;
  /** Has it look for `onread` anew. */
  readStart(): number;
  readBuffer(records: Uint8Array): void;
  writeBuffer(request: Request, bytes: Uint8Array): number;
  /** The records that wait to be written; empty if there are none. */
  drainEncOut(): Uint8Array;
}

/** A write under way. */
interface Request {
  readonly oncomplete: (status: number) => void;
}

const NO_RECORDS = new Uint8Array(0);

/** As much as is read at once, in pages of 64 KiB. */
const PAGES = 2;

/** What all of them decrypt into. Made for the first. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function sharedBuffer(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(PAGES) }).buffer;
}

/** The record layer of Deno; undefined if `native` is none of its sockets, or not as they are known. */
export function denoRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const { _handle: handle } = parts.native as {
    readonly _handle?: DenoTlsHandle;
  };
  if (handle === undefined) return undefined;
  // Of its own it has one that writes by a promise.
  const own: object = Object.getPrototypeOf(handle);
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    hasMethods(handle, "onread", "onerror", "readStart") &&
    hasMethods(own, "readBuffer", "writeBuffer", "drainEncOut") &&
    // What it inherits would be of the stream below.
    Object.hasOwn(own, "getBytesRead") && Object.hasOwn(own, "useUserBuffer");
  const buffer = isKnown ? sharedBuffer() : undefined;
  return buffer &&
    new DenoRecordLayer(parts, handle, own as DenoTlsHandle, buffer);
}

class DenoRecordLayer implements RecordLayer {
  isIdle = true;
  /** All records were written that there were, since it last decrypted some. */
  #hasWritten = false;
  readonly #stream: DirectStream;
  readonly #handle: DenoTlsHandle;
  readonly #toWrite: DenoTlsHandle["writeBuffer"];
  readonly #request: Request;

  constructor(
    { events, stream }: RecordLayerParts,
    handle: DenoTlsHandle,
    { writeBuffer }: DenoTlsHandle,
    buffer: Uint8Array,
  ) {
    this.#stream = stream;
    this.#handle = handle;
    this.#toWrite = writeBuffer;
    this.#request = {
      oncomplete: (status) => {
        if (status !== 0) return; // it is destroyed, or about to say why
        this.isIdle = true;
        events.onIdle();
      },
    };
    const { onread: onEnd, onerror: onError } = handle;
    let told = 0;
    handle.useUserBuffer(buffer);
    handle.onerror = (error) => {
      // What it has decrypted just before, it does not tell any more.
      told = Infinity;
      onError.call(handle, error);
    };
    handle.onread = () => {
      const length = Math.min(handle.getBytesRead() - told, buffer.length);
      if (length <= 0) return onEnd.call(handle);
      told += length;
      events.onPlain(buffer, length);
    };
    handle.readStart();
    stream.takeOverReads(this.#decrypt);
  }

  /** TLS may have something to say to that by itself, which goes out with what is said meanwhile. */
  readonly #decrypt = (records: Uint8Array): void => {
    this.#hasWritten = false;
    this.#handle.readBuffer(records);
    if (this.#hasWritten) return;
    const answer = this.#handle.drainEncOut();
    if (answer.length > 0) this.#stream.writeAll([answer]);
  };

  write(bytes: Uint8Array): void {
    this.isIdle = false;
    this.#hasWritten = true;
    const status = this.#toWrite.call(this.#handle, this.#request, bytes);
    if (status !== 0) throw new Error(`TLS takes nothing any more: ${status}`);
    const isLong = bytes.length > LONGEST_RECORD;
    // It has its own limit, and makes more when it is asked once more.
    if (isLong) this.#handle.readBuffer(NO_RECORDS);
    const records = this.#handle.drainEncOut();
    // None was there before, and it is longer than what it is made of: that is all.
    if (!isLong && records.length > bytes.length) {
      this.isIdle = true;
      this.#stream.writeAll([records]);
    } else this.#writeLong(records);
  }

  /** It tells so in any case. */
  tellIdle(): void {}

  /** Writes `records`, and those that it still makes: it says when it is done. */
  #writeLong(first: Uint8Array): void {
    const all: Uint8Array[] = [];
    let records = first;
    while (records.length > 0) {
      all.push(records);
      this.#handle.readBuffer(NO_RECORDS);
      if (this.isIdle) break;
      records = this.#handle.drainEncOut();
    }
    if (all.length > 0) this.#stream.writeAll(all);
  }
}
