import type { DirectStream } from "./direct_stream.ts";
import {
  hasMethods,
  type RecordLayer,
  type RecordLayerEvents,
  type RecordLayerParts,
} from "./record_layer.ts";

/** What is used of the handle of a TLS socket of Deno, a `TLSWrap`. */
interface TlsHandle {
  /** What it was made over, and whose that is: a `JSStreamSocket`. */
  readonly _parent?: StreamHandle;
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

/** What is used of the handle of a stream that TLS lies over. */
interface StreamHandle {
  readBuffer: (records: Uint8Array) => void;
}

/** A write under way. */
interface Request {
  readonly oncomplete: (status: number) => void;
}

const NO_RECORDS = new Uint8Array(0);

/** The record layer of Deno; undefined if `native` is none of its sockets, or not as they are known. */
export function denoRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const { _handle: handle } = parts.native as { readonly _handle?: TlsHandle };
  const below = handle?._parent;
  if (handle === undefined || below === undefined) return undefined;
  // Of its own it has one that writes by a promise.
  const own: object = Object.getPrototypeOf(handle);
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    hasMethods(handle, "onread", "readStart") &&
    hasMethods(own, "readBuffer", "writeBuffer", "drainEncOut") &&
    hasMethods(below, "readBuffer");
  return isKnown
    ? new DenoRecordLayer(parts, handle, below, own as TlsHandle)
    : undefined;
}

class DenoRecordLayer implements RecordLayer {
  isIdle = true;
  readonly #events: RecordLayerEvents;
  readonly #stream: DirectStream;
  readonly #handle: TlsHandle;
  readonly #toWrite: TlsHandle["writeBuffer"];
  readonly #request: Request;

  constructor(
    { events, stream }: RecordLayerParts,
    handle: TlsHandle,
    below: StreamHandle,
    { writeBuffer }: TlsHandle,
  ) {
    this.#events = events;
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
      this.#events.onPlain(new Uint8Array(bytes), bytes.byteLength);
    };
    handle.readStart();
    below.readBuffer = (records) => {
      handle.readBuffer(records);
      this.#passOn();
    };
  }

  write(bytes: Uint8Array): void {
    this.isIdle = false;
    const status = this.#toWrite.call(this.#handle, this.#request, bytes);
    if (status !== 0) throw new Error(`TLS takes nothing any more: ${status}`);
    this.#passOn();
  }

  /** Writes the records that there are. It makes so many at a time, and the others, or says that there are none, when it is given something. */
  #passOn(): void {
    const all: Uint8Array[] = [];
    for (;;) {
      const records = this.#handle.drainEncOut();
      if (records.length > 0) all.push(records);
      if (records.length === 0 || this.isIdle) break;
      this.#handle.readBuffer(NO_RECORDS);
      if (this.isIdle) break;
    }
    if (all.length > 0) this.#stream.writeAll(all);
  }
}
