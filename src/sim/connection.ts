import type { Host } from "./host.ts";
import type { Pipe } from "./pipe.ts";
import type { Process } from "./process.ts";
import { CallbackEvent } from "./schedule.ts";
import { TcpEnd } from "./tcp_end.ts";
import type { TcpAddress } from "../contract/address.ts";
import type { World } from "./world.ts";

/** Where one end of a connection is. */
export interface Place {
  readonly process: Process;
  readonly address: TcpAddress;
}

/** A TCP connection: its two ends, and a pipe in each direction. */
export class Connection {
  /** The end that connected. */
  readonly connector: TcpEnd;
  /** The end that accepted. */
  readonly acceptor: TcpEnd;
  readonly #world: World;
  readonly #breakEvent = new CallbackEvent(() => this.break());

  /** `id` names the connection. */
  constructor(world: World, id: number, from: Place, to: Place) {
    this.#world = world;
    this.connector = new TcpEnd(this, connectorId(id), from, to.address);
    this.acceptor = new TcpEnd(this, `${id}a`, to, from.address);
    const there = world.path(from.process.host, to.process.host);
    const back = world.path(to.process.host, from.process.host);
    const { connector, acceptor } = this;
    join(connector, acceptor, world.newPipe(connector.id, there, back));
    join(acceptor, connector, world.newPipe(acceptor.id, back, there));
    world.connections.add(this);
  }

  /** True if it is one between `a` and `b`; what is left out is any host. */
  isBetween(a: Host | undefined, b: Host | undefined): boolean {
    const from = this.connector.process.host;
    const to = this.acceptor.process.host;
    const joins = (one?: Host, other?: Host) =>
      (one ?? from) === from && (other ?? to) === to;
    return joins(a, b) || joins(b, a);
  }

  /** Resets it, to both ends, as soon as the event that is under way is over. */
  breakSoon(): void {
    if (this.#breakEvent.isArmed) return;
    this.#world.schedule.after(this.#breakEvent, 0);
  }

  /** Resets it, to both ends. */
  break(): void {
    this.connector.fail("reset");
    this.acceptor.fail("reset");
  }

  /** One of its ends is gone. */
  onEndGone(): void {
    if (this.connector.isGone && this.acceptor.isGone) {
      this.#world.connections.delete(this);
    }
  }
}

/** What the end that connects is called in a trace, and in the ids of faults. */
export function connectorId(connection: number): string {
  return `${connection}c`;
}

function join(sender: TcpEnd, receiver: TcpEnd, pipe: Pipe): void {
  sender.out = receiver.in = pipe;
  pipe.sender = sender;
  pipe.receiver = receiver;
}
