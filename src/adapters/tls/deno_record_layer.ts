import type { DirectStream } from "./direct_stream.ts";
import {
  hasMethods,
  type RecordLayer,
  type RecordLayerParts,
} from "./record_layer.ts";

/** What is used of the handle of a TLS socket of Deno, a `TLSWrap`. */
interface TlsHandle {
  /** What it was made over, a `JSStreamSocket`. */
  readonly _parentWrap?: { readonly stream?: object } | null;
  /** Called with what there is to read, or without at an end. */
  onread: (bytes?: ArrayBuffer) => void;
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

/** So much becomes one record. */
const LONGEST_RECORD = 16 * 1024;

/** The record layer of Deno; undefined if `native` is none of its sockets, or not as they are known. */
export function denoRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const { _handle: handle } = parts.native as { readonly _handle?: TlsHandle };
  if (handle === undefined) return undefined;
  // Of its own it has one that writes by a promise.
  const own: object = Object.getPrototypeOf(handle);
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    hasMethods(handle, "onread", "readStart") &&
    hasMethods(own, "readBuffer", "writeBuffer", "drainEncOut");
  return isKnown
    ? new DenoRecordLayer(parts, handle, own as TlsHandle)
    : undefined;
}

class DenoRecordLayer implements RecordLayer {
  isIdle = true;
  /** All records were written that there were, since it last decrypted some. */
  #hasWritten = false;
  readonly #stream: DirectStream;
  readonly #handle: TlsHandle;
  readonly #toWrite: TlsHandle["writeBuffer"];
  readonly #request: Request;

  constructor(
    { events, stream }: RecordLayerParts,
    handle: TlsHandle,
    { writeBuffer }: TlsHandle,
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
    const { onread: onEnd } = handle;
    handle.onread = (bytes) => {
      if (bytes === undefined) return onEnd.call(handle);
      events.onPlain(new Uint8Array(bytes), bytes.byteLength);
    };
    handle.readStart();
    stream.divert(this.#decrypt);
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
    const records = this.#handle.drainEncOut();
    // None was there before, and it is longer than what it is made of: that is all.
    if (bytes.length <= LONGEST_RECORD && records.length > bytes.length) {
      this.isIdle = true;
      this.#stream.writeAll([records]);
    } else this.#writeLong(records);
  }

  /** Writes `records`, and those that it makes when it is asked once more: it has its own limit, and says when it is done. */
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
