import { inNobodysContext } from "../async_context.ts";
import { errorOfWrite, newRequest } from "../node_writes.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import {
  takeOverReads,
  type TlsHandle,
  tlsHandleOf,
} from "./node_tls_handle.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";

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
  isIdle = true;
  readonly #native: NativeTlsSocket;
  readonly #handle: TlsHandle;
  readonly #events: RecordLayerEvents;

  constructor(
    native: NativeTlsSocket,
    handle: TlsHandle,
    events: RecordLayerEvents,
  ) {
    this.#native = native;
    this.#handle = handle;
    this.#events = events;
  }

  /** It is idle when the system has taken the records: their copy is in here. */
  write(bytes: Uint8Array): void {
    this.isIdle = false;
    inNobodysContext(this.#encrypt, bytes);
  }

  readonly #encrypt = (bytes: Uint8Array): void => {
    const request = newRequest(this.#handle);
    if (request === undefined) {
      this.#native.write(bytes, (error) => error ?? this.#onWritten(0));
      return;
    }
    request.oncomplete = this.#onWritten;
    const status = this.#handle.writeBuffer(request, bytes);
    if (status !== 0) throw errorOfWrite(status);
  };

  /** Nobody else says what has failed while nothing is read. */
  readonly #onWritten = (status: number): void => {
    if (status !== 0) return this.#native.destroy(errorOfWrite(status));
    this.isIdle = true;
    this.#events.onIdle();
  };
}
