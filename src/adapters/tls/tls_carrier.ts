import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";

/** The transport below TLS. */
export interface TlsCarrier {
  /** The stream to pass to `node:tls`. */
  readonly stream: object;
  /**
   * True if its events can fire inside a call into TLS, during which TLS must
   * not be destroyed. Callbacks that may destroy it are then deferred.
   */
  readonly isInsideTls: boolean;
  /** True if all written bytes are out. */
  readonly isDrained: boolean;
  /** Calls back once all written bytes are out, or the connection is gone. */
  onceDrained(callback: () => void): void;
  /**
   * Calls `createTls`, which creates the TLS socket, and starts reading. The
   * bytes in `received` were read before, and come first.
   */
  beginTls(received: Uint8Array | undefined, createTls: () => void): void;
  /**
   * The record layer for `native`, whose handshake has just finished; undefined
   * if reads and writes stay with the streams.
   */
  recordLayer(
    native: NativeTlsSocket,
    events: RecordLayerEvents,
  ): RecordLayer | undefined;
  /**
   * The code of an unencrypted alert that the peer sent last, if the TLS of the
   * runtime cannot read it.
   */
  readonly plainAlert: number | undefined;
  /**
   * True if TLS accepts no more writes. On Bun, EOF from the peer causes this.
   */
  readonly isFinished: boolean;
  /** Writes `bytes`, unless TLS has already written something. */
  writeFirst(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  /**
   * Called after TLS has sent close_notify; TLS may then shut down the
   * connection below by itself.
   */
  onTlsShutdown(): void;
  /** Sends FIN below TLS, after all written bytes. */
  end(): void;
  /** Closes the connection below at once. */
  abort(): void;
}
