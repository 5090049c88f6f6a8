import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";

/** What TLS is spoken over. */
export interface TlsCarrier {
  /** What `node:tls` is given. */
  readonly stream: object;
  /** True if events come from inside a call of TLS, in which TLS must not be destroyed: who may do that is told later. */
  readonly isInsideTls: boolean;
  /** True if all that was written is out. */
  readonly isDrained: boolean;
  /** Calls back when all that was written is out, or the connection is gone. */
  onceDrained(callback: () => void): void;
  /** Has `speak` make the end of TLS, and goes on reading; `received` was read already. */
  beginTls(received: Uint8Array | undefined, speak: () => void): void;
  /** What encrypts for `native`, whose handshake is just done; undefined if all stays with its streams. */
  recordLayer(
    native: NativeTlsSocket,
    events: RecordLayerEvents,
  ): RecordLayer | undefined;
  /** Writes `bytes` if TLS has written nothing yet. */
  writeFirst(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  /** TLS says that nothing more comes, and may say so to what is below it. */
  onTlsShutdown(): void;
  /** The connection below ends, as soon as what was written is out. */
  end(): void;
  /** The connection below is gone. */
  abort(): void;
}
