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

/** One end of TLS, and the time limit of its handshakes. */
export class TlsEnd implements OpeningEnd {
  readonly #context: TlsContext;
  readonly #handshakeTimeoutMs: number;

  /**
   * True if a reactor starts the handshake, instead of the opening of the
   * connection.
   */
  readonly isLater: boolean;

  constructor(
    context: TlsContext,
    { handshakeTimeoutMs, start }: TlsListenSettings | TlsConnectSettings,
  ) {
    this.#context = context;
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.isLater = start === "later";
  }

  /**
   * Starts a handshake on `socket`, from which `received` was read, for
   * `action`. It must finish by `deadline`, in milliseconds of the clock of
   * `loop`; by default its time starts now.
   */
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

  /**
   * Returns the deadline of a handshake whose time starts now, in milliseconds
   * of the clock of `loop`.
   */
  deadlineOf<UserCommand>(loop: TurnLoop<UserCommand>): number {
    return loop.now() + this.#handshakeTimeoutMs;
  }

  /**
   * Creates the error of a handshake for `action` that could not even start in
   * time.
   */
  overdue(action: string): TlsHandshakeError {
    const failure = { reason: "timeout", cause: undefined } as const;
    const handshakeTimeoutMs = this.#handshakeTimeoutMs;
    return handshakeError({ action, handshakeTimeoutMs }, failure);
  }

  /** Performs the handshakes of a listener's connections. */
  intake<UserCommand>(
    host: HandshakeHost<UserCommand>,
  ): HandshakeIntake<UserCommand> {
    return new HandshakeIntake(host);
  }
}
