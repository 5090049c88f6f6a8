import { attempt } from "../host_calls.ts";
import type { WriteHandle } from "../node_handles.ts";
import { fixedBuffer } from "../node_reads.ts";
import { directStreams } from "./direct_stream.ts";
import { loadTls, type NativeTlsSocket } from "./node_tls_types.ts";
import { hasMethods, type RecordLayerEvents } from "./record_layer.ts";

/** What is used of the handle of a TLS socket of Node, a `TLSWrap`. */
export interface TlsHandle extends WriteHandle {
  /** How many bytes it has told. */
  readonly bytesRead: number;
  /** Called when there is more, or an end. */
  onread: () => void;
  useUserBuffer(buffer: Uint8Array): void;
}

/** What all of them decrypt into, one record at a time. Made for the first. */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function sharedBuffer(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(1) }).buffer;
}

/** The handle of `native`; undefined if it is none of Node's, or not as they are known. */
export function tlsHandleOf(native: NativeTlsSocket): TlsHandle | undefined {
  const { _handle: handle } = native as { readonly _handle?: TlsHandle };
  const isKnown = handle !== undefined &&
    typeof handle.bytesRead === "number" &&
    hasMethods(handle, "onread", "useUserBuffer", "writeBuffer") &&
    sharedBuffer() !== undefined;
  return isKnown ? handle : undefined;
}

/** Whether this runtime has such handles. */
let isKnown: boolean | undefined;

/** True if all TLS sockets of this runtime have a handle that is known: one is looked at that speaks to nobody. */
export function hasTlsHandles(): boolean {
  return isKnown ??= hasOne();
}

function hasOne(): boolean {
  try {
    const { tls } = loadTls();
    const stream = new (directStreams())({
      allowHalfOpen: true,
      autoDestroy: false,
      read() {},
      write() {},
    });
    // Without authorities: those of the runtime take long to load.
    const native = new tls.TLSSocket(stream, { isServer: true, ca: [] });
    native.on("error", () => {});
    const isThere = tlsHandleOf(native) !== undefined;
    attempt(() => native.destroy());
    return isThere;
  } catch {
    return false;
  }
}

/** Has `events` hear of what the handle of a TLS socket decrypts, in place of its stream; `onEnd` is called before that hears of an end. */
export function takeOverReads(
  handle: TlsHandle,
  events: Pick<RecordLayerEvents, "onPlain">,
  onEnd?: () => void,
): void {
  const buffer = sharedBuffer() as Uint8Array;
  const { onread: toStream } = handle;
  let told = handle.bytesRead;
  handle.useUserBuffer(buffer);
  handle.onread = () => {
    const length = handle.bytesRead - told;
    told += length;
    if (length > 0) return events.onPlain(buffer, length);
    onEnd?.();
    toStream.call(handle);
  };
}
