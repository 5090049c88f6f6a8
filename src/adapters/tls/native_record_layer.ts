import { outsideAsyncContext } from "../async_context.ts";
import type { WriteRequest } from "../node_handles.ts";
import { errorOfWrite, isUnused, newRequest } from "../node_writes.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import {
  takeOverReads,
  type TlsHandle,
  tlsHandleOf,
} from "./node_tls_handle.ts";
import {
  LONGEST_RECORD,
  type RecordLayer,
  type RecordLayerEvents,
} from "./record_layer.ts";

/** The part of a TLS handle on top of a socket handle that is used here. */
interface LyingTlsHandle extends TlsHandle {
  /**
   * The handle of the socket below, with the bytes that the system has not
   * taken yet.
   */
  readonly _parent?: { readonly writeQueueSize?: number };
}

/**
 * The record layer of Node for TLS directly on a socket handle; undefined if
 * `native` does not look as expected. `onEnd` is called before `native` itself
 * sees EOF.
 */
export function nativeRecordLayer(
  native: NativeTlsSocket,
  events: RecordLayerEvents,
  onEnd: () => void,
): RecordLayer | undefined {
  const handle = tlsHandleOf(native);
  if (handle === undefined) return undefined;
  takeOverReads(handle, events, onEnd);
  return new NativeRecordLayer(native, handle, events);
}

class NativeRecordLayer implements RecordLayer {
  readonly #native: NativeTlsSocket;
  readonly #handle: LyingTlsHandle;
  readonly #events: RecordLayerEvents;
  /** The last write request; the handle uses it until the write completes. */
  #request: WriteRequest | undefined = undefined;
  /** A write through the stream is under way. */
  #isInStream = false;

  constructor(
    native: NativeTlsSocket,
    handle: LyingTlsHandle,
    events: RecordLayerEvents,
  ) {
    this.#native = native;
    this.#handle = handle;
    this.#events = events;
  }

  /**
   * The handle copies the records, so `bytes` are free as soon as it has passed
   * them on.
   */
  get isIdle(): boolean {
    const request = this.#request;
    return !this.#isInStream && (request === undefined || isUnused(request));
  }

  write(bytes: Uint8Array): void {
    const request = newRequest(this.#handle);
    if (request === undefined) return this.#writeToStream(bytes);
    this.#request = request;
    request.oncomplete = this.#onWritten;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) throw errorOfWrite(status);
    // An `oncomplete` that nothing needs any more makes a small message 5 %
    // slower.
    const isTaken = bytes.length <= LONGEST_RECORD &&
      this.#handle._parent?.writeQueueSize === 0;
    if (isTaken) request.oncomplete = undefined;
  }

  notifyIdle(): void {
    if (this.#request !== undefined) this.#request.oncomplete = this.#onWritten;
  }

  #writeToStream(bytes: Uint8Array): void {
    this.#isInStream = true;
    outsideAsyncContext(() =>
      this.#native.write(bytes, (error) => {
        this.#isInStream = false;
        if (!error) this.#events.onIdle();
      })
    );
  }

  /**
   * Called in the asynchronous context of the writer. While nothing is read,
   * only this callback reports an error.
   */
  readonly #onWritten = (status: number): void => {
    this.#request = undefined; // the handle keeps a reference until this call returns
    outsideAsyncContext(queueMicrotask, () => {
      if (status === 0) this.#events.onIdle();
      else this.#native.destroy(errorOfWrite(status));
    });
  };
}
