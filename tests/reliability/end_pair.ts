import type { ChaosEnd } from "./chaos_end.ts";
import type { Framing } from "./framing.ts";
import { Stream } from "./stream.ts";
import type { Cluster } from "./cluster.ts";

/** A connection: what its two ends have in common. */
export class EndPair {
  /** What the client sends. */
  readonly up = new Stream();
  /** What the server sends. */
  readonly down = new Stream();
  /** The runtime of the server knows of it. */
  isAccepted = false;

  readonly #cluster: Cluster;
  readonly #name: string;
  #client: ChaosEnd | undefined = undefined;
  #server: ChaosEnd | undefined = undefined;

  constructor(cluster: Cluster, name: string, readonly framing: Framing) {
    this.#cluster = cluster;
    this.#name = name;
  }

  /** `end` is one of its ends. */
  join(end: ChaosEnd): void {
    const isFirst = end.isClient
      ? this.#client === undefined
      : this.#server === undefined;
    if (!isFirst) this.#cluster.broke(`the connection ${this} has three ends`);
    if (end.isClient) this.#client = end;
    else this.#server = end;
  }

  /** Something is left to come, and nothing that anybody did prevents it. */
  get isUnfinished(): boolean {
    const client = this.#client;
    const server = this.#server;
    if (client === undefined || !isServed(client)) return false;
    if (server === undefined) {
      // What is sent to where nobody knows of it would reset it.
      return !this.isAccepted && this.up.accepted > 0 &&
        client.isToBeAccepted;
    }
    if (this.up.isDrained && this.down.isDrained) return false;
    // Each may wait for the other to read: no bounded queue can help.
    return isServed(server) && !(client.isBlocked && server.isBlocked);
  }

  /** True if the peer of `end` has sent FIN, and has not cut the connection. */
  isEndedByPeer(end: ChaosEnd): boolean {
    const peer = this.#peerOf(end);
    return peer !== undefined && peer.tap.isShutDown &&
      !peer.tap.isDestroyed && !peer.node.isDead;
  }

  /** True if the connection of `end` can be lost: somebody cut it. */
  canLose(end: ChaosEnd): boolean {
    const peer = this.#peerOf(end);
    return peer === undefined || peer.tap.isDestroyed || peer.node.isDead ||
      this.#cluster.mayReset;
  }

  #peerOf(end: ChaosEnd): ChaosEnd | undefined {
    return end.isClient ? this.#server : this.#client;
  }

  /** For messages. */
  toString(): string {
    const ends = `${this.#client ?? "nobody"} and ${this.#server ?? "nobody"}`;
    const { framing, up, down } = this;
    return `${this.#name} (${framing.name}) of ${ends}: ${up}; back ${down}`;
  }
}

function isServed(end: ChaosEnd): boolean {
  return end.life.state === "open" && !end.node.isDead;
}
