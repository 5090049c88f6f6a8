import type { Socket, SocketEvents } from "../../contract/socket.ts";
import type { SocketFailure } from "../../contract/failure.ts";
import type {
  HandshakeEvents,
  PendingHandshake,
  TlsContext,
} from "../../contract/tls.ts";
import { EMPTY } from "../../util/empty.ts";
import { GatheredBytes } from "../../util/gathered_bytes.ts";
import { HelloReader } from "./client_hello.ts";
import { CARRIER_READ_SIZE } from "../../tuning.ts";

/**
 * A server with several names. Reads the ClientHello itself, then hands the
 * handshake to the context for the requested name, or to the default context.
 * The runtimes have no SNI support that works the same on all of them.
 */
export class NamedServers implements TlsContext {
  readonly #byName: ReadonlyMap<string, TlsContext>;
  readonly #others: TlsContext;

  constructor(byName: ReadonlyMap<string, TlsContext>, others: TlsContext) {
    this.#byName = byName;
    this.#others = others;
  }

  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake {
    return new AwaitingName(
      socket,
      events,
      (name) => this.#serverOf(name),
      received,
    );
  }

  #serverOf(name: string): TlsContext {
    const wildcard = name.replace(/^[^.]+/, "*");
    return this.#byName.get(name) ?? this.#byName.get(wildcard) ??
      this.#others;
  }
}

/**
 * A handshake that waits for the requested server name, and continues with the
 * context for that name.
 */
class AwaitingName implements PendingHandshake, SocketEvents {
  readonly #socket: Socket;
  readonly #serverOf: (name: string) => TlsContext;
  /** Undefined once the handshake is over or handed on. */
  #events: HandshakeEvents | undefined;
  readonly #hello = new HelloReader();
  /** Everything read so far; the next handshake gets it. */
  readonly #received = new GatheredBytes();
  #handshake: PendingHandshake | undefined = undefined;

  constructor(
    socket: Socket,
    events: HandshakeEvents,
    serverOf: (name: string) => TlsContext,
    received: Uint8Array = EMPTY,
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#serverOf = serverOf;
    socket.setOptions({ noDelay: true });
    socket.start(this);
    socket.resume();
    this.#read(received);
  }

  cancel(): void {
    if (this.#handshake !== undefined) return this.#handshake.cancel();
    this.#events = undefined;
    this.#socket.destroy();
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(CARRIER_READ_SIZE.smallest);
  }

  onData(buffer: Uint8Array, length: number): void {
    if (this.#events === undefined) return;
    this.#read(buffer.subarray(0, length));
  }

  onWritable(): void {}

  onEnd(): void {
    const events = this.#takeEvents();
    this.#socket.destroy();
    events?.onHandshakeFailed({ reason: "closed", cause: undefined });
  }

  onClose(failure?: SocketFailure): void {
    const events = this.#takeEvents();
    events?.onHandshakeFailed({ reason: "closed", cause: failure?.cause });
  }

  #takeEvents(): HandshakeEvents | undefined {
    const events = this.#events;
    this.#events = undefined;
    return events;
  }

  #read(bytes: Uint8Array): void {
    this.#received.add(bytes);
    const name = this.#hello.take(bytes);
    if (name === undefined) return;
    const events = this.#takeEvents() as HandshakeEvents;
    this.#socket.pause();
    this.#handshake = this.#serverOf(name).handshake(
      this.#socket,
      events,
      this.#received.bytes,
    );
  }
}
