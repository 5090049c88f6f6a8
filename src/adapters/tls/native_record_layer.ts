import { inNobodysContext } from "../async_context.ts";
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

/** What is used of the handle of TLS that lies on another. */
interface LyingTlsHandle extends TlsHandle {
  /** That of the socket below, and how much of what was written there the system has not taken. */
  readonly _parent?: { readonly writeQueueSize?: number };
}

/**
 * The record layer of Node where TLS has the handle of the socket below it, and
 * reads and writes there by itself; undefined if `native` is not as it is known.
 * `onEnd` is called before the stream of `native` hears of an end.
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
  /** Of the last write, which the handle uses until it is done. */
  #request: WriteRequest | undefined = undefined;
  /** A write goes by the stream. */
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

  /** It is when the handle has passed the records on: their copy is in here. */
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
    // To be called when nothing can fail any more costs a small message a twentieth.
    const isTaken = bytes.length <= LONGEST_RECORD &&
      this.#handle._parent?.writeQueueSize === 0;
    if (isTaken) request.oncomplete = undefined;
  }

  tellIdle(): void {
    if (this.#request !== undefined) this.#request.oncomplete = this.#onWritten;
  }

  #writeToStream(bytes: Uint8Array): void {
    this.#isInStream = true;
    inNobodysContext(() =>
      this.#native.write(bytes, (error) => {
        this.#isInStream = false;
        if (!error) this.#events.onIdle();
      })
    );
  }

  /** It comes in the context of who wrote. Nobody else says what has failed while nothing is read. */
  readonly #onWritten = (status: number): void => {
    this.#request = undefined; // the handle lets go of it only after this call
    inNobodysContext(queueMicrotask, () => {
      if (status === 0) this.#events.onIdle();
      else this.#native.destroy(errorOfWrite(status));
    });
  };
}
