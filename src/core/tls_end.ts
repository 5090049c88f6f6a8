import type { Socket } from "../contract/socket.ts";
import type { TlsContext } from "../contract/tls.ts";
import { type HandshakeOutcome, TlsHandshake } from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** One end of TLS, and how long its handshakes may take. */
export class TlsEnd {
  readonly #context: TlsContext;
  readonly #handshakeTimeoutMs: number;

  constructor(context: TlsContext, handshakeTimeoutMs: number) {
    this.#context = context;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
  }

  /** Begins a handshake on `socket`, of which `received` was read, to do `action`. */
  begin<UserCommand>(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    action: string,
    outcome: HandshakeOutcome,
    received?: Uint8Array,
  ): TlsHandshake<UserCommand> {
    const options = {
      action,
      context: this.#context,
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
    };
    return new TlsHandshake(loop, socket, options, outcome, received);
  }
}
