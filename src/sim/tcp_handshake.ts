import type { ConnectAddress } from "../contract/address.ts";
import type { FailureKind, SocketFailure } from "../contract/failure.ts";
import type { ListeningSocket } from "./listening_socket.ts";
import { connectorId, TcpConnection } from "./tcp_connection.ts";
import { socketFailure } from "./failures.ts";
import { addressName, type Host, type PeerRoute } from "./host.ts";
import { ControlPacket } from "./pipe.ts";
import {
  type DisconnectMode,
  type Process,
  ProcessEvent,
  type Resource,
} from "./process.ts";
import { CallbackEvent } from "./scheduler.ts";
import type { TcpEnd } from "./tcp_end.ts";

/** What a {@linkcode TcpHandshake} tells its owner: one of the two, once. */
export interface ConnectorEvents {
  onConnect(end: TcpEnd): void;
  onConnectError(failure: SocketFailure): void;
}

const FIRST_RETRY = 1_000_000;

/** A connect in progress. As an event, it reports the outcome. */
export class TcpHandshake extends ProcessEvent implements Resource {
  readonly #host: Host;
  readonly #id: number;
  readonly #address: ConnectAddress;
  readonly #events: ConnectorEvents;
  readonly #where: string;
  readonly #giveUp = new CallbackEvent(() => this.#fail("timed-out"));
  #retry = FIRST_RETRY;
  #isOver = false;
  #failure: FailureKind | undefined = undefined;
  #connection: TcpConnection | undefined = undefined;

  /** `host` is where `process` runs. */
  constructor(
    host: Host,
    process: Process,
    address: ConnectAddress,
    events: ConnectorEvents,
  ) {
    super(process);
    this.#host = host;
    this.#id = host.network.nextConnectionId();
    this.#address = address;
    this.#events = events;
    this.#where = `${host.name} ${connectorId(this.#id)}`;
  }

  /** Sends the SYN, or fails at once. */
  begin(): void {
    const host = this.#host;
    const { kernel, network } = host;
    this.process.handshakes.add(this);
    kernel.addToTrace(this.#where, `connect ${addressName(this.#address)}`);
    const failure = host.nextConnectFailure();
    if (failure === "timed-out") return this.#limitTime();
    if (failure !== undefined) return this.#fail(failure);
    const found = host.find(this.#address);
    if (typeof found === "string") return this.#fail(found);
    this.#limitTime();
    const path = network.topology.path(host, found.host);
    const syn = new ControlPacket(path, () => {
      if (this.#isOver) return;
      this.#reach(found, syn);
    });
    kernel.scheduler.push(syn, path.arrivalOf(0));
  }

  release(disconnectModeOf: () => DisconnectMode): void {
    this.cancel(disconnectModeOf());
  }

  /**
   * Abandons it without an event. The other host is notified if it knows of the
   * connection.
   */
  cancel(mode: DisconnectMode = "reset"): void {
    if (!this.process.handshakes.delete(this)) return;
    this.process.kernel.addToTrace(this.#where, "connect cancelled");
    this.#end();
    this.#connection?.connector.disconnect(mode);
  }

  execute(): void {
    if (!this.process.handshakes.delete(this)) return;
    this.#end();
    if (this.#failure !== undefined) {
      this.process.kernel.addToTrace(
        this.#where,
        `connect failed: ${this.#failure}`,
      );
      return this.#events.onConnectError(socketFailure(this.#failure));
    }
    const { connector } = this.#connection as TcpConnection;
    connector.addToTrace("connected");
    this.process.ends.add(connector);
    this.#events.onConnect(connector);
  }

  /** The SYN has reached the other host. */
  #reach({ host, address }: PeerRoute, syn: ControlPacket): void {
    const { scheduler } = this.process.kernel;
    const listening = host.listeningSocketAt(address, this.#id);
    if (listening?.isFull) {
      // The SYN is dropped; the system retries, with growing delays.
      scheduler.after(syn, this.#retry);
      this.#retry *= 2;
      return;
    }
    const back = this.#host.network.topology.path(host, this.#host);
    const answer = listening === undefined
      ? new ControlPacket(back, () => this.#fail("refused"))
      : this.#answer(listening, address, host);
    scheduler.push(answer, back.arrivalOf(0));
  }

  #answer(
    listening: ListeningSocket,
    address: ConnectAddress,
    host: Host,
  ): ControlPacket {
    const from = this.#host;
    const { kernel, network: { topology } } = from;
    const local = from.addressTo(host, address);
    this.#connection = new TcpConnection(
      kernel,
      topology,
      this.#id,
      { process: this.process, address: local },
      { process: listening.process, address },
    );
    const { connector, acceptor: accepted } = this.#connection;
    listening.expect(accepted);
    return new ControlPacket(topology.path(host, from), () => {
      if (this.#isOver) return connector.out.sendReset();
      const path = topology.path(from, host);
      const ack = new ControlPacket(
        path,
        () => listening.onConnection(accepted),
      );
      kernel.scheduler.push(ack, path.arrivalOf(0));
      this.#schedule();
    });
  }

  #limitTime(): void {
    const { scheduler, settings } = this.process.kernel;
    scheduler.after(this.#giveUp, settings.connectGiveUp);
  }

  #fail(kind: FailureKind): void {
    this.#failure ??= kind;
    this.#connection?.connector.fail(this.#failure);
    this.#schedule();
  }

  #schedule(): void {
    if (this.isHeld || this.isArmed) return;
    this.process.kernel.scheduler.after(this, this.process.turnDelay());
  }

  #end(): void {
    this.#isOver = true;
    this.process.kernel.scheduler.remove(this.#giveUp);
  }
}
