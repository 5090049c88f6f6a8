import type { SocketAddress } from "../contract/address.ts";
import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import { peerOf } from "../api/address.ts";
import type { OpeningEnd, PendingOpening } from "./opening.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a {@linkcode HandshakeIntake} needs from its listener's intake. */
export interface HandshakeHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly admission: {
    enter(network: string | undefined): void;
    leave(network: string | undefined): void;
  };
  readonly drops: {
    report(reason: DropReason, address: SocketAddress, error?: Error): void;
  };
  /**
   * Serves `socket` with a reactor. When this returns, the socket is started or
   * destroyed.
   */
  serve(socket: Socket, network: string | undefined): void;
  /** Logs that a connection is dropped because of `error`. */
  warn(error: Error): void;
  /** A connection has closed, or is being served. */
  onLeft(): void;
}

/**
 * A connection during its handshake: its address, and the network that it
 * counts for.
 */
interface Caller {
  readonly remoteAddress: SocketAddress;
  readonly network: string | undefined;
}

/**
 * Performs the handshakes of accepted connections, which count for the limits
 * of the listener from the start.
 */
export class HandshakeIntake<UserCommand> {
  readonly #host: HandshakeHost<UserCommand>;
  readonly #underWay = new Map<PendingOpening, Caller>();

  constructor(host: HandshakeHost<UserCommand>) {
    this.#host = host;
  }

  /** How many handshakes are in progress. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Starts the handshakes of `end` on `socket`, which counts for `network`. */
  take(socket: Socket, network: string | undefined, end: OpeningEnd): void {
    const host = this.#host;
    host.admission.enter(network);
    const caller = { remoteAddress: socket.remoteAddress, network };
    const action = `accept a connection of ${peerOf(socket)}`;
    const opening = end.begin(host.loop, socket, action, {
      onOpened: (opened) => {
        this.#end(opening, caller);
        host.serve(opened, network);
        host.onLeft();
      },
      onAnswered: () => {
        this.#end(opening, caller);
        host.onLeft();
      },
      onFailed: (error) => {
        this.#end(opening, caller);
        host.warn(error);
        this.#drop(caller, "handshakeFailed", error);
      },
    });
    this.#underWay.set(opening, caller);
  }

  /** Cancels all handshakes in progress. */
  close(): void {
    for (const [opening, caller] of this.#underWay) {
      opening.cancel();
      this.#end(opening, caller);
      this.#drop(caller, "closing");
    }
  }

  #end(opening: PendingOpening, { network }: Caller): void {
    this.#underWay.delete(opening);
    this.#host.admission.leave(network);
  }

  #drop({ remoteAddress }: Caller, reason: DropReason, error?: Error): void {
    this.#host.drops.report(reason, remoteAddress, error);
    this.#host.onLeft();
  }
}
