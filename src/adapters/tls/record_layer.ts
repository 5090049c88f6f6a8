/**
 * What is said in TLS once the handshake is done, past the streams of `node:tls`.
 *
 * A `tls.TLSSocket` is a `stream.Duplex`, and lies over another stream: each
 * message would go through the buffers, events and turns of both. What encrypts
 * is a handle inside of it, and that does so at once. So it is told itself what
 * has come in, and gives what it makes of it to whoever asked. It is private to
 * Node and Deno: where it is not as it is known, all stays with the streams.
 *
 * @module
 */

import type { DirectStream } from "./direct_stream.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";

/** So much becomes one record, bytes. */
export const LONGEST_RECORD = 16 * 1024;

/** Encrypts what is to be said. What has come in reaches it from below. */
export interface RecordLayer {
  /** It has made records of all that it was given, and has passed them on: to the stream below, or to the system. */
  readonly isIdle: boolean;
  /** Encrypts `bytes`, which are the caller's again when it is idle. To be called while it is. May throw. */
  write(bytes: Uint8Array): void;
  /** Has {@linkcode RecordLayerEvents.onIdle} called as soon as it is idle, which it is not now. */
  tellIdle(): void;
}

/** Who hears of a {@linkcode RecordLayer}. The end, and what fails, are told by the stream on top. */
export interface RecordLayerEvents {
  /** The peer has said the first `length` bytes of `buffer`, valid during the call only. */
  onPlain(buffer: Uint8Array, length: number): void;
  /** It is idle again; left out where nobody has asked to be told. */
  onIdle(): void;
}

/** What a record layer is made of: a socket whose handshake is just done, and the stream that it speaks over. */
export interface RecordLayerParts {
  readonly native: NativeTlsSocket;
  readonly stream: DirectStream;
  readonly events: RecordLayerEvents;
}

/** True if `value` has functions of all these names. */
export function hasMethods(value: object, ...names: string[]): boolean {
  return names.every((name) =>
    typeof (value as Record<string, unknown>)[name] === "function"
  );
}
