import type { Socket } from "../contract/socket.ts";
import type { TlsContext } from "../contract/tls.ts";
import type { TlsHandshakeError } from "../api/errors.ts";
import type {
  TlsConnectSettings,
  TlsListenSettings,
} from "../api/options/tls.ts";
import { type HandshakeHost, HandshakeIntake } from "./handshake_intake.ts";
import type { OpeningEnd } from "./opening.ts";
import {
  handshakeError,
  type HandshakeOutcome,
  TlsHandshake,
} from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** One end of TLS, and how long its handshakes may take. */
export class TlsEnd implements OpeningEnd {
  readonly #context: TlsContext;
  readonly #handshakeTimeoutMs: number;

  /** A reactor begins the handshake; it does not begin with the connection. */
  readonly isLater: boolean;

  constructor(
    context: TlsContext,
    { handshakeTimeoutMs, start }: TlsListenSettings | TlsConnectSettings,
  ) {
    this.#context = context;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.isLater = start === "later";
  }

  /** Begins a handshake on `socket`, of which `received` was read, to do `action`. It must be done by `deadline`, in milliseconds of the clock of `loop`; by default its time begins now. */
  begin<UserCommand>(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    action: string,
    outcome: HandshakeOutcome,
    received?: Uint8Array,
    deadline: number = this.deadlineOf(loop),
  ): TlsHandshake<UserCommand> {
    const options = {
      action,
      context: this.#context,
      handshakeTimeoutMs: this.#handshakeTimeoutMs,
      deadline,
    };
    return new TlsHandshake(loop, socket, options, outcome, received);
  }

  /** When a handshake must be done whose time begins now, in milliseconds of the clock of `loop`. */
  deadlineOf<UserCommand>(loop: TurnLoop<UserCommand>): number {
    return loop.now() + this.#handshakeTimeoutMs;
  }

  /** The error of a handshake, for `action`, that could not even begin in time. */
  overdue(action: string): TlsHandshakeError {
    const failure = { reason: "timeout", cause: undefined } as const;
    const handshakeTimeoutMs = this.#handshakeTimeoutMs;
    return handshakeError({ action, handshakeTimeoutMs }, failure);
  }

  /** Shakes hands with the connections of a listener. */
  intake<UserCommand>(
    host: HandshakeHost<UserCommand>,
  ): HandshakeIntake<UserCommand> {
    return new HandshakeIntake(host);
  }
}
