import type { SocketAddress } from "../contract/address.ts";
import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import { peerOf } from "./closing_reasons.ts";
import type { OpeningEnd, PendingOpening } from "./opening.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** Who shakes hands: where it is, and the network that it counts for. */
export interface Caller {
  readonly remoteAddress: SocketAddress;
  readonly network: string | undefined;
}

/** What a {@linkcode HandshakeIntake} asks of its listener. */
export interface HandshakeHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  /** The handshakes of `caller` are done: `socket` is to be started or destroyed before this returns. */
  onOpened(socket: Socket, caller: Caller): void;
  /** `caller` is gone: it wanted something else than to be served, and got it. */
  onAnswered(caller: Caller): void;
  /** `caller` is gone: a handshake has failed by `error`, or was given up. */
  onNotOpened(caller: Caller, reason: DropReason, error?: Error): void;
}

/** Shakes hands with the connections that a listener accepts. */
export class HandshakeIntake<UserCommand> {
  readonly #host: HandshakeHost<UserCommand>;
  readonly #underWay = new Map<PendingOpening, Caller>();

  constructor(host: HandshakeHost<UserCommand>) {
    this.#host = host;
  }

  /** How many are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Has `socket`, which counts for `network`, go through what `end` begins. */
  take(socket: Socket, network: string | undefined, end: OpeningEnd): void {
    const caller = { remoteAddress: socket.remoteAddress, network };
    const action = `accept a connection of ${peerOf(socket)}`;
    const opening = end.begin(this.#host.loop, socket, action, {
      onOpened: (opened) => {
        this.#underWay.delete(opening);
        this.#host.onOpened(opened, caller);
      },
      onAnswered: () => {
        this.#underWay.delete(opening);
        this.#host.onAnswered(caller);
      },
      onFailed: (error) => {
        this.#underWay.delete(opening);
        this.#host.onNotOpened(caller, "handshakeFailed", error);
      },
    });
    this.#underWay.set(opening, caller);
  }

  /** Gives up all that are under way. */
  close(): void {
    for (const [opening, caller] of this.#underWay) {
      this.#underWay.delete(opening);
      opening.cancel();
      this.#host.onNotOpened(caller, "closing");
    }
  }
}
