import type { TcpAddress } from "../contract/address.ts";
import type { FailureKind, SocketFailure } from "../contract/failure.ts";
import type { Acceptor } from "./acceptor.ts";
import { Connection, connectorId } from "./connection.ts";
import { socketFailure } from "./failures.ts";
import type { Host } from "./host.ts";
import { ControlPacket } from "./pipe.ts";
import type { Process } from "./process.ts";
import { ProcessEvent } from "./process_event.ts";
import { CallbackEvent } from "./schedule.ts";
import type { Parting, TcpEnd } from "./tcp_end.ts";

/** What who connects hears: one of the two, once. */
export interface HandshakeEvents {
  onConnect(end: TcpEnd): void;
  onConnectError(failure: SocketFailure): void;
}

const FIRST_RETRY = 1_000_000;

/** A connect under way. As an event it tells how it ended. */
export class Handshake extends ProcessEvent {
  readonly #id: number;
  readonly #address: TcpAddress;
  readonly #events: HandshakeEvents;
  readonly #where: string;
  readonly #giveUp = new CallbackEvent(() => this.#fail("timed-out"));
  #retry = FIRST_RETRY;
  #isOver = false;
  #failure: FailureKind | undefined = undefined;
  #connection: Connection | undefined = undefined;

  /** `id` is that of the connection to be. */
  constructor(
    process: Process,
    id: number,
    address: TcpAddress,
    events: HandshakeEvents,
  ) {
    super(process);
    this.#id = id;
    this.#address = address;
    this.#events = events;
    this.#where = `${process.host.name} ${connectorId(id)}`;
  }

  /** Sends the first packet, or fails at once. */
  begin(): void {
    const { host, world } = this.process;
    const { hostname, port } = this.#address;
    world.note(this.#where, `connect ${hostname}:${port}`);
    const failure = host.nextConnectFailure();
    if (failure === "timed-out") return this.#limitTime();
    if (failure !== undefined) return this.#fail(failure);
    const found = world.find(host, hostname);
    if (typeof found === "string") return this.#fail(found);
    this.#limitTime();
    const path = world.path(host, found.host);
    const syn = new ControlPacket(path, () => {
      if (this.#isOver) return;
      this.#reach(found.host, found.hostname, syn);
    });
    world.schedule.push(syn, path.arrivalOf(0));
  }

  /** Gives up: nothing is told here, and the other host hears of it if it knows of the connection. */
  cancel(parting: Parting = "reset"): void {
    if (!this.process.handshakes.delete(this)) return;
    this.process.world.note(this.#where, "connect cancelled");
    this.#end();
    this.#connection?.connector.vanish(parting);
  }

  happen(): void {
    if (!this.process.handshakes.delete(this)) return;
    this.#end();
    if (this.#failure !== undefined) {
      this.process.world.note(this.#where, `connect failed: ${this.#failure}`);
      return this.#events.onConnectError(socketFailure(this.#failure));
    }
    const { connector } = this.#connection as Connection;
    connector.note("connected");
    this.process.ends.add(connector);
    this.#events.onConnect(connector);
  }

  /** The first packet is at the other host. */
  #reach(host: Host, hostname: string, syn: ControlPacket): void {
    const { schedule } = this.process.world;
    const { port } = this.#address;
    const acceptor = host.acceptorAt(hostname, port, this.#id);
    if (acceptor?.isFull) {
      // Ignored; the system tries again, and waits longer each time.
      schedule.after(syn, this.#retry);
      this.#retry *= 2;
      return;
    }
    const back = this.process.world.path(host, this.process.host);
    const answer = acceptor === undefined
      ? new ControlPacket(back, () => this.#fail("refused"))
      : this.#answer(acceptor, { transport: "tcp", hostname, port }, host);
    schedule.push(answer, back.arrivalOf(0));
  }

  #answer(acceptor: Acceptor, address: TcpAddress, host: Host): ControlPacket {
    const { world, host: from } = this.process;
    const local: TcpAddress = {
      transport: "tcp",
      hostname: from.addressTo(host, address.hostname),
      port: from.nextPort(),
    };
    this.#connection = new Connection(
      world,
      this.#id,
      { process: this.process, address: local },
      { process: acceptor.process, address },
    );
    const { connector, acceptor: accepted } = this.#connection;
    acceptor.expect(accepted);
    return new ControlPacket(world.path(host, from), () => {
      if (this.#isOver) return connector.out.sendReset();
      const path = world.path(from, host);
      const ack = new ControlPacket(
        path,
        () => acceptor.onConnection(accepted),
      );
      world.schedule.push(ack, path.arrivalOf(0));
      this.#comeBack();
    });
  }

  #limitTime(): void {
    const { schedule, settings } = this.process.world;
    schedule.after(this.#giveUp, settings.connectGiveUp);
  }

  #fail(kind: FailureKind): void {
    this.#failure ??= kind;
    this.#connection?.connector.fail(this.#failure);
    this.#comeBack();
  }

  #comeBack(): void {
    if (this.isHeld || this.isArmed) return;
    this.process.world.schedule.after(this, this.process.turn());
  }

  #end(): void {
    this.#isOver = true;
    this.process.world.schedule.remove(this.#giveUp);
  }
}
