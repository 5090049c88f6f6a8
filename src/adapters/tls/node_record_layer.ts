import { attempt } from "../host_calls.ts";
import { fixedBuffer } from "../node_reads.ts";
import {
  hasMethods,
  type RecordLayer,
  type RecordLayerEvents,
  type RecordLayerParts,
} from "./record_layer.ts";

/** What is used of the handle of a TLS socket of Node, a `TLSWrap`. */
interface TlsHandle {
  /** What it was made over, and whose that is: a `JSStreamSocket`. */
  readonly _parent?: StreamHandle;
  readonly _parentWrap?: { readonly stream?: object } | null;
  /** How many bytes it has told. */
  readonly bytesRead: number;
  /** Called when there is more, or an end. */
  onread: (bytes?: ArrayBuffer) => void;
  useUserBuffer(buffer: Uint8Array): void;
  writeBuffer(request: Request, bytes: Uint8Array): number;
}

/** What is used of the handle of a stream that TLS lies over, a `JSStream`. */
interface StreamHandle {
  onwrite: (request: Request, records: readonly Uint8Array[]) => number;
  readBuffer(records: Uint8Array): void;
  finishWrite(request: Request, status: number): void;
}

/** A write under way, a `WriteWrap`. */
interface Request {
  oncomplete?: (status: number) => void;
}

/** The class of requests, which Node has in no module: known as soon as it has made one. */
let requestClass: (new () => Request) | undefined;

/** What all of them decrypt into, one record at a time. Made for the first. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;

/** The record layer of Node; undefined if `native` is none of its sockets, or not as they are known. */
export function nodeRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const { _handle: handle } = parts.native as { readonly _handle?: TlsHandle };
  const below = handle?._parent;
  if (handle === undefined || below === undefined) return undefined;
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    typeof handle.bytesRead === "number" &&
    hasMethods(handle, "onread", "useUserBuffer", "writeBuffer") &&
    hasMethods(below, "onwrite", "readBuffer", "finishWrite");
  if (!isKnown) return undefined;
  const { buffer } = shared ??= { buffer: fixedBuffer(1) };
  return buffer && new NodeRecordLayer(parts, handle, below, buffer);
}

class NodeRecordLayer implements RecordLayer {
  isIdle = true;
  readonly #parts: RecordLayerParts;
  readonly #events: RecordLayerEvents;
  readonly #handle: TlsHandle;
  readonly #below: StreamHandle;
  #bytesRead: number;
  /** What it was asked to write, and has not yet said to be written. */
  #request: Request | undefined = undefined;
  /** That is said as soon as a call returns which is under way. */
  #isCalled = false;

  constructor(
    parts: RecordLayerParts,
    handle: TlsHandle,
    below: StreamHandle,
    buffer: Uint8Array,
  ) {
    this.#parts = parts;
    this.#events = parts.events;
    this.#handle = handle;
    this.#below = below;
    this.#bytesRead = handle.bytesRead;
    const { onread: onEnd } = handle;
    handle.useUserBuffer(buffer);
    handle.onread = () => {
      const length = handle.bytesRead - this.#bytesRead;
      this.#bytesRead += length;
      if (length > 0) this.#events.onPlain(buffer, length);
      else onEnd.call(handle);
    };
    parts.stream.divert(this.#decrypt);
    below.onwrite = this.#onRecords;
  }

  write(bytes: Uint8Array): void {
    this.isIdle = false;
    const wasCalled = this.#isCalled;
    this.#isCalled = true;
    try {
      this.#encrypt(bytes);
    } finally {
      this.#isCalled = wasCalled;
      this.#settle();
    }
  }

  #encrypt(bytes: Uint8Array): void {
    if (requestClass === undefined) {
      return void this.#parts.native.write(bytes, () => this.#onWritten(0));
    }
    const request = new requestClass();
    request.oncomplete = this.#onWritten;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) throw new Error(`TLS takes nothing any more: ${status}`);
  }

  readonly #decrypt = (records: Uint8Array): void => {
    const wasCalled = this.#isCalled;
    this.#isCalled = true;
    try {
      this.#below.readBuffer(records);
    } finally {
      this.#isCalled = wasCalled;
      this.#settle();
    }
  };

  /** They are copies, which the stream may keep. */
  readonly #onRecords = (
    request: Request,
    records: readonly Uint8Array[],
  ): number => {
    requestClass ??= request.constructor as new () => Request;
    this.#request = request;
    this.#parts.stream.writeAll(records);
    if (!this.#isCalled) queueMicrotask(() => this.#settle());
    return 0;
  };

  /** Says that what there was to write is written: not from inside of being asked to. */
  #settle(): void {
    for (;;) {
      const request = this.#request;
      if (request === undefined) return;
      this.#request = undefined;
      attempt(() => this.#below.finishWrite(request, 0));
    }
  }

  readonly #onWritten = (status: number): void => {
    if (status !== 0) return; // it is destroyed, or about to say why
    this.isIdle = true;
    this.#events.onIdle();
  };
}
