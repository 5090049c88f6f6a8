import type { EndFraming } from "./framing.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { Stream } from "./stream.ts";
import type { TapSocket } from "./tap.ts";

/** What an {@linkcode EndPair} needs of its ends. */
export interface PairedEnd {
  readonly isClient: boolean;
  readonly life: Lifecycle;
  readonly tap: TapSocket;
  readonly node: { readonly isDead: boolean };
  /** True if its queue is so long that it may not read. */
  readonly isBlocked: boolean;
  /** True if the listener that it connected to is still listening. */
  readonly isToBeAccepted: boolean;
}

/** What an {@linkcode EndPair} needs of the cluster. */
interface PairCluster {
  /** True if the network may have reset connections. */
  readonly mayReset: boolean;
  /** Reports a broken promise. */
  broke(what: string): void;
}

/** A connection: what its two ends share. */
export class EndPair {
  /** The stream from client to server. */
  readonly up = new Stream();
  /** The stream from server to client. */
  readonly down = new Stream();
  readonly framing: EndFraming;
  /** True once the server's runtime knows it. */
  isAccepted = false;

  readonly #cluster: PairCluster;
  readonly #name: string;
  #client: PairedEnd | undefined = undefined;
  #server: PairedEnd | undefined = undefined;

  constructor(cluster: PairCluster, name: string, framing: EndFraming) {
    this.#cluster = cluster;
    this.#name = name;
    this.framing = framing;
  }

  /** Adds one of its ends. */
  join(end: PairedEnd): void {
    const isFirst = end.isClient
      ? this.#client === undefined
      : this.#server === undefined;
    if (!isFirst) this.#cluster.broke(`the connection ${this} has three ends`);
    if (end.isClient) this.#client = end;
    else this.#server = end;
  }

  /** True if something has still to arrive, and nothing prevents it. */
  get isUnfinished(): boolean {
    const client = this.#client;
    const server = this.#server;
    if (client === undefined || !isServed(client)) return false;
    if (server === undefined) {
      // Bytes for a connection that the other host does not know would reset
      // it.
      return !this.isAccepted && this.up.accepted > 0 &&
        client.isToBeAccepted;
    }
    if (this.up.isDrained && this.down.isDrained) return false;
    // Each end may wait for the other to read, as with any bounded queue.
    return isServed(server) && !(client.isBlocked && server.isBlocked);
  }

  /** True if the peer of `end` has sent FIN, and has not cut the connection. */
  isEndedByPeer(end: PairedEnd): boolean {
    const peer = this.#peerOf(end);
    return peer !== undefined && peer.tap.isShutDown &&
      !peer.tap.isDestroyed && !peer.node.isDead;
  }

  /** True if the connection of `end` may be lost, because somebody cut it. */
  canLose(end: PairedEnd): boolean {
    const peer = this.#peerOf(end);
    return peer === undefined || peer.tap.isDestroyed || peer.node.isDead ||
      this.#cluster.mayReset;
  }

  #peerOf(end: PairedEnd): PairedEnd | undefined {
    return end.isClient ? this.#server : this.#client;
  }

  /** A description for messages. */
  toString(): string {
    const ends = `${this.#client ?? "nobody"} and ${this.#server ?? "nobody"}`;
    const { framing, up, down } = this;
    return `${this.#name} (${framing.name}) of ${ends}: ${up}; back ${down}`;
  }
}

function isServed(end: PairedEnd): boolean {
  return end.life.state === "open" && !end.node.isDead;
}
