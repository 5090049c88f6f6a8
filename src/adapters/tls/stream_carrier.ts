import type { Socket } from "../../contract/socket.ts";
import { outsideAsyncContext } from "../async_context.ts";
import { denoRecordLayer } from "./deno_record_layer.ts";
import { type DirectStream, directStreams } from "./direct_stream.ts";
import { nodeRecordLayer } from "./node_record_layer.ts";
import type { NativeTlsSocket } from "./node_tls_types.ts";
import type { RecordLayer, RecordLayerEvents } from "./record_layer.ts";
import { RecordWatch } from "./tls_records.ts";
import { Carrier, type CarrierOwner } from "./carrier.ts";
import type { TlsCarrier } from "./tls_carrier.ts";

/** The `node:tls` of Bun requires a real `stream.Duplex`. */
const isBun = "Bun" in globalThis;

/** Carries TLS over any socket, through a stream made for it. */
export class StreamCarrier extends Carrier implements TlsCarrier {
  readonly isInsideTls = false;
  readonly #watch = isBun ? new RecordWatch() : undefined;
  readonly #socket: Socket;
  #isAborted = false;

  constructor(socket: Socket, owner: CarrierOwner) {
    super(socket, owner, isBun ? undefined : directStreams());
    this.#socket = socket;
  }

  beginTls(received: Uint8Array | undefined, createTls: () => void): void {
    createTls();
    if (received === undefined) return this.begin(undefined);
    this.#watch?.onRead(received);
    // Deferred: these bytes may fail the handshake, and no event may fire
    // inside this call.
    const own = received.slice();
    outsideAsyncContext(queueMicrotask, () => {
      if (!this.#isAborted) this.begin(own);
    });
  }

  override onData(buffer: Uint8Array, length: number): void {
    this.#watch?.onRead(buffer, length);
    super.onData(buffer, length);
  }

  get plainAlert(): number | undefined {
    return this.#watch?.plainAlert;
  }

  get isFinished(): boolean {
    return isBun && this.stream.writableEnded === true;
  }

  recordLayer(
    native: NativeTlsSocket,
    events: RecordLayerEvents,
  ): RecordLayer | undefined {
    if (isBun) return undefined;
    const parts = { native, stream: this.stream as DirectStream, events };
    return nodeRecordLayer(parts) ?? denoRecordLayer(parts);
  }

  /** Nothing to do: the owner calls `end` as well. */
  onTlsShutdown(): void {}

  abort(): void {
    this.#isAborted = true;
    this.#socket.destroy();
  }
}
