import { attempt } from "../host_calls.ts";
import type { WriteHandle } from "../node_handles.ts";
import { fixedBuffer } from "../node_reads.ts";
import { directStreams } from "./direct_stream.ts";
import { loadTls, type NativeTlsSocket } from "./node_tls_types.ts";
import { hasMethods, type RecordLayerEvents } from "./record_layer.ts";
import { TLS_READ_SIZE } from "../../tuning.ts";

/**
 * The part of the handle of a TLS socket on Node, a `TLSWrap`, that is used
 * here.
 */
export interface TlsHandle extends WriteHandle {
  /** Bytes decrypted so far. */
  readonly bytesRead: number;
  /** Called after bytes were decrypted, and at EOF. */
  onread: () => void;
  useUserBuffer(buffer: Uint8Array): void;
}

/**
 * All handles decrypt into this buffer, one record at a time. Created with the
 * first handle.
 */
let shared: { readonly buffer: Uint8Array | undefined } | undefined;
function nodeTlsMemory(): Uint8Array | undefined {
  return (shared ??= { buffer: fixedBuffer(TLS_READ_SIZE.node) }).buffer;
}

/**
 * The handle of `native`; undefined if it is not a handle of Node, or does not
 * look as expected.
 */
export function tlsHandleOf(native: NativeTlsSocket): TlsHandle | undefined {
  const { _handle: handle } = native as { readonly _handle?: TlsHandle };
  const isKnown = handle !== undefined &&
    typeof handle.bytesRead === "number" &&
    hasMethods(handle, "onread", "useUserBuffer", "writeBuffer") &&
    nodeTlsMemory() !== undefined;
  return isKnown ? handle : undefined;
}

/** Cached result of `hasTlsHandles`. */
let isKnown: boolean | undefined;

/**
 * True if the TLS sockets of this runtime have a handle that
 * {@linkcode tlsHandleOf} accepts, as a test with an unconnected socket shows.
 */
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
    // An explicit empty list: loading the default authorities is slow.
    const native = new tls.TLSSocket(stream, { isServer: true, ca: [] });
    native.on("error", () => {});
    const isThere = tlsHandleOf(native) !== undefined;
    attempt(() => native.destroy());
    return isThere;
  } catch {
    return false;
  }
}

/**
 * Delivers decrypted bytes to `events` instead of to the stream of the socket.
 * At EOF it calls `onEnd`, then the stream.
 */
export function takeOverReads(
  handle: TlsHandle,
  events: Pick<RecordLayerEvents, "onPlain">,
  onEnd?: () => void,
): void {
  const buffer = nodeTlsMemory() as Uint8Array;
  const { onread: toStream } = handle;
  let delivered = handle.bytesRead;
  handle.useUserBuffer(buffer);
  handle.onread = () => {
    const length = handle.bytesRead - delivered;
    delivered += length;
    if (length > 0) return events.onPlain(buffer, length);
    onEnd?.();
    toStream.call(handle);
  };
}
