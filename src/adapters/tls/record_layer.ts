/**
 * Reads and writes of TLS after the handshake that bypass the streams of
 * `node:tls`.
 *
 * A `tls.TLSSocket` is a `stream.Duplex` on top of another stream, so each
 * message passes through the buffers, events and ticks of both. The native
 * handle inside it encrypts and decrypts synchronously. A record layer calls
 * that handle directly: it feeds it ciphertext, and hands the plaintext to its
 * events. The handle is private to Node and Deno; where it does not look as
 * expected, the streams are used.
 *
 * @module
 */

import type { DirectStream } from "./direct_stream.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";

/** The most plaintext in one record, in bytes. */
export const LONGEST_RECORD = 16 * 1024;

/** Encrypts and sends plaintext. Ciphertext arrives from the carrier below. */
export interface RecordLayer {
  /**
   * True if all plaintext was encrypted, and the records were passed on to the
   * stream below or to the system.
   */
  readonly isIdle: boolean;
  /**
   * Encrypts `bytes`. Call it only while idle. The buffer belongs to the record
   * layer until it is idle again. May throw.
   */
  write(bytes: Uint8Array): void;
  /**
   * Requests {@linkcode RecordLayerEvents.onIdle} for the moment when it is
   * idle again. Call it only while not idle.
   */
  notifyIdle(): void;
}

/**
 * The callbacks of a {@linkcode RecordLayer}. EOF and errors are reported by
 * the `tls.TLSSocket` instead.
 */
export interface RecordLayerEvents {
  /**
   * Decrypted bytes: the first `length` of `buffer`, valid during the call
   * only.
   */
  onPlain(buffer: Uint8Array, length: number): void;
  /**
   * The layer is idle again. May be omitted if nobody called
   * {@linkcode RecordLayer.notifyIdle}.
   */
  onIdle(): void;
}

/**
 * The parts of a record layer: a socket whose handshake has just finished, and
 * the stream below it.
 */
export interface RecordLayerParts {
  readonly native: NativeTlsSocket;
  readonly stream: DirectStream;
  readonly events: RecordLayerEvents;
}

/** True if `value` has a method for each of these names. */
export function hasMethods(value: object, ...names: string[]): boolean {
  return names.every((name) =>
    typeof (value as Record<string, unknown>)[name] === "function"
  );
}
