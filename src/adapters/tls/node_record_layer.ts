import { outsideAsyncContext } from "../async_context.ts";
import { attempt } from "../host_calls.ts";
import type { WriteRequest as Request } from "../node_handles.ts";
import { newRequest } from "../node_writes.ts";
import {
  takeOverReads,
  type TlsHandle,
  tlsHandleOf,
} from "./node_tls_handle.ts";
import {
  hasMethods,
  type RecordLayer,
  type RecordLayerEvents,
  type RecordLayerParts,
} from "./record_layer.ts";

/** The part of the handle of a TLS socket over a stream that is used here. */
interface StreamTlsHandle extends TlsHandle {
  /** The handle of the stream below, and its owner, a `JSStreamSocket`. */
  readonly _parent?: StreamHandle;
  readonly _parentWrap?: { readonly stream?: object } | null;
}

/** The part of a `JSStream` handle, below TLS, that is used here. */
interface StreamHandle {
  onwrite: (request: Request, records: readonly Uint8Array[]) => number;
  readBuffer(records: Uint8Array): void;
  finishWrite(request: Request, status: number): void;
}

/**
 * The record layer of Node over a stream; undefined if `native` is not a socket
 * of Node, or does not look as expected.
 */
export function nodeRecordLayer(
  parts: RecordLayerParts,
): RecordLayer | undefined {
  const handle = tlsHandleOf(parts.native) as StreamTlsHandle | undefined;
  const below = handle?._parent;
  if (handle === undefined || below === undefined) return undefined;
  const isKnown = handle._parentWrap?.stream === parts.stream &&
    hasMethods(below, "onwrite", "readBuffer", "finishWrite");
  return isKnown ? new NodeRecordLayer(parts, handle, below) : undefined;
}

class NodeRecordLayer implements RecordLayer {
  isIdle = true;
  readonly #parts: RecordLayerParts;
  readonly #events: RecordLayerEvents;
  readonly #handle: TlsHandle;
  readonly #below: StreamHandle;
  /**
   * The request of the handle whose records are in the stream, and which is not
   * completed yet.
   */
  #request: Request | undefined = undefined;
  /**
   * A call into the handle is under way; requests are completed after it
   * returns.
   */
  #isCalled = false;

  constructor(
    parts: RecordLayerParts,
    handle: TlsHandle,
    below: StreamHandle,
  ) {
    this.#parts = parts;
    this.#events = parts.events;
    this.#handle = handle;
    this.#below = below;
    takeOverReads(handle, parts.events);
    parts.stream.takeOverReads(this.#decrypt);
    below.onwrite = this.#onRecords;
  }

  write(bytes: Uint8Array): void {
    this.isIdle = false;
    outsideAsyncContext(this.#encryptAndSettle, bytes);
  }

  /** `onIdle` is called in any case. */
  notifyIdle(): void {}

  readonly #encryptAndSettle = (bytes: Uint8Array): void => {
    const wasCalled = this.#isCalled;
    this.#isCalled = true;
    try {
      this.#encrypt(bytes);
    } finally {
      this.#isCalled = wasCalled;
      this.#settle();
    }
  };

  #encrypt(bytes: Uint8Array): void {
    const request = newRequest(this.#handle);
    if (request === undefined) {
      return void this.#parts.native.write(bytes, () => this.#onWritten(0));
    }
    request.oncomplete = this.#onWritten;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) throw new Error(`cannot write to TLS: error ${status}`);
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

  /** The records are copies, so the stream may keep them. */
  readonly #onRecords = (
    request: Request,
    records: readonly Uint8Array[],
  ): number => {
    this.#request = request;
    this.#parts.stream.writeAll(records);
    if (!this.#isCalled) queueMicrotask(() => this.#settle());
    return 0;
  };

  /**
   * Completes pending requests. Never inside the callback in which the handle
   * makes one.
   */
  #settle(): void {
    for (;;) {
      const request = this.#request;
      if (request === undefined) return;
      this.#request = undefined;
      attempt(() => this.#below.finishWrite(request, 0));
    }
  }

  readonly #onWritten = (status: number): void => {
    if (status !== 0) return; // already destroyed, or the error follows
    this.isIdle = true;
    this.#events.onIdle();
  };
}
