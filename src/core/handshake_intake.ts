import type { SocketAddress } from "../contract/address.ts";
import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import type { TlsHandshakeError } from "../api/errors.ts";
import { peerOf } from "./closing_reasons.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { TlsHandshake } from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** Who shakes hands: where it is, and the network that it counts for. */
export interface Caller {
  readonly remoteAddress: SocketAddress;
  readonly network: string | undefined;
}

/** What a {@linkcode HandshakeIntake} asks of its listener. */
export interface HandshakeHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  /** The handshake of `caller` is done: `socket` is to be started or destroyed before this returns. */
  onSecure(socket: Socket, caller: Caller): void;
  /** `caller` is gone: its handshake has failed by `error`, or was given up. */
  onNotSecure(
    caller: Caller,
    reason: DropReason,
    error?: TlsHandshakeError,
  ): void;
}

/** Shakes hands with the connections that a listener accepts. */
export class HandshakeIntake<UserCommand> {
  readonly #host: HandshakeHost<UserCommand>;
  readonly #underWay = new Map<TlsHandshake<UserCommand>, Caller>();

  constructor(host: HandshakeHost<UserCommand>) {
    this.#host = host;
  }

  /** How many are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Begins the handshake of `socket`, which counts for `network`, with `end`. */
  take(socket: Socket, network: string | undefined, end: TlsEnd): void {
    const caller = { remoteAddress: socket.remoteAddress, network };
    const action = `accept a connection of ${peerOf(socket)}`;
    const handshake = end.begin(this.#host.loop, socket, action, {
      onSecure: (secured) => {
        this.#underWay.delete(handshake);
        this.#host.onSecure(secured, caller);
      },
      onFailed: (error) => {
        this.#underWay.delete(handshake);
        this.#host.onNotSecure(caller, "handshakeFailed", error);
      },
    });
    this.#underWay.set(handshake, caller);
  }

  /** Gives up all that are under way. */
  close(): void {
    for (const [handshake, caller] of this.#underWay) {
      this.#underWay.delete(handshake);
      handshake.cancel();
      this.#host.onNotSecure(caller, "closing");
    }
  }
}
