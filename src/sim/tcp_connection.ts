import type { Kernel } from "./kernel.ts";
import type { Path } from "./path.ts";
import { Pipe } from "./pipe.ts";
import { CallbackEvent } from "./scheduler.ts";
import { type ConnectionOfEnd, type EndLocation, TcpEnd } from "./tcp_end.ts";
import type { LinkedConnection, LinkedHost, Topology } from "./topology.ts";

/** A TCP connection: its two ends, and a pipe in each direction. */
export class TcpConnection implements ConnectionOfEnd, LinkedConnection {
  /** The end that connected. */
  readonly connector: TcpEnd;
  /** The end that accepted. */
  readonly acceptor: TcpEnd;
  readonly #kernel: Kernel;
  readonly #topology: Topology;
  readonly #breakEvent = new CallbackEvent(() => this.break());

  /** `id` names the connection. */
  constructor(
    kernel: Kernel,
    topology: Topology,
    id: number,
    from: EndLocation,
    to: EndLocation,
  ) {
    this.#kernel = kernel;
    this.#topology = topology;
    this.connector = new TcpEnd(this, connectorId(id), from, to.address);
    this.acceptor = new TcpEnd(this, `${id}a`, to, from.address);
    const there = topology.path(from.process.host, to.process.host);
    const back = topology.path(to.process.host, from.process.host);
    const { connector, acceptor } = this;
    const newPipe = (sender: TcpEnd, path: Path, reverse: Path) =>
      new Pipe(kernel, topology, sender.id, path, reverse);
    join(connector, acceptor, newPipe(connector, there, back));
    join(acceptor, connector, newPipe(acceptor, back, there));
    topology.connections.add(this);
  }

  isBetween(a: LinkedHost | undefined, b: LinkedHost | undefined): boolean {
    const from = this.connector.process.host;
    const to = this.acceptor.process.host;
    const joins = (one?: LinkedHost, other?: LinkedHost) =>
      (one ?? from) === from && (other ?? to) === to;
    return joins(a, b) || joins(b, a);
  }

  breakSoon(): void {
    if (this.#breakEvent.isArmed) return;
    this.#kernel.scheduler.after(this.#breakEvent, 0);
  }

  break(): void {
    this.connector.fail("reset");
    this.acceptor.fail("reset");
  }

  onEndGone(): void {
    if (this.connector.isGone && this.acceptor.isGone) {
      this.#topology.connections.delete(this);
    }
  }
}

/** The name of the connecting end in traces and in the ids of faults. */
export function connectorId(connection: number): string {
  return `${connection}c`;
}

function join(sender: TcpEnd, receiver: TcpEnd, pipe: Pipe): void {
  sender.out = receiver.in = pipe;
  pipe.sender = sender;
  pipe.receiver = receiver;
}
