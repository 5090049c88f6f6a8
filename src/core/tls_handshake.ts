import type { Socket } from "../contract/socket.ts";
import type {
  HandshakeFailure,
  PendingHandshake,
  TlsContext,
  TlsFailureReason,
} from "../contract/tls.ts";
import { TlsHandshakeError } from "../api/errors.ts";
import { messageOf } from "../util/text.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/**
 * Callbacks for the outcome of a handshake. Exactly one is called, once, unless
 * the handshake is cancelled.
 */
export interface HandshakeOutcome {
  /** The socket must be started or destroyed before this returns. */
  onOpened(socket: Socket): void;
  onFailed(error: TlsHandshakeError): void;
}

/** The words for the error of a handshake. */
export interface HandshakeWords {
  /** Describes the action, for messages: `connect to …`. */
  readonly action: string;
  readonly handshakeTimeoutMs: number;
}

/** How to perform a handshake, and its deadline. */
export interface HandshakeOptions extends HandshakeWords {
  readonly context: TlsContext;
  /** In milliseconds of the clock of the loop. */
  readonly deadline: number;
}

const TEXTS: Readonly<Record<TlsFailureReason, string>> = {
  "timeout": "the TLS handshake took too long",
  "closed": "the peer ended the connection during the TLS handshake",
  "not-tls": "what the peer sent is not TLS",
  "expired": "the certificate of the peer has expired",
  "not-yet-valid": "the certificate of the peer is not valid yet",
  "untrusted": "the certificate of the peer is of no authority that is trusted",
  "wrong-name": "the certificate of the peer is for another name",
  "no-certificate": "the peer has sent no certificate",
  "no-common-protocol": "the ends have no protocol in common (ALPN)",
  "no-common-version": "the ends have no version of TLS or cipher in common",
  "refused": "the peer refused the TLS handshake",
  "other": "the TLS handshake failed",
};

/** A handshake in progress, with its time limit. */
export class TlsHandshake<UserCommand> {
  readonly #loop: TurnLoop<UserCommand>;
  readonly #options: HandshakeOptions;
  readonly #outcome: HandshakeOutcome;
  readonly #pending: PendingHandshake;
  readonly #timeout = new Timeout(() => this.#onTimeout());

  /** Starts it on `socket`, from which `received` was read. */
  constructor(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    options: HandshakeOptions,
    outcome: HandshakeOutcome,
    received?: Uint8Array,
  ) {
    this.#loop = loop;
    this.#options = options;
    this.#outcome = outcome;
    loop.armAt(this.#timeout, options.deadline);
    this.#pending = options.context.handshake(socket, {
      onSecure: (secured) => {
        loop.onSocketEvent();
        loop.disarm(this.#timeout);
        outcome.onOpened(secured);
      },
      onHandshakeFailed: (failure) => {
        loop.onSocketEvent();
        loop.disarm(this.#timeout);
        this.#fail(failure);
      },
    }, received);
  }

  /** Cancels it. No callback follows. */
  cancel(): void {
    this.#loop.disarm(this.#timeout);
    this.#pending.cancel();
  }

  #onTimeout(): void {
    this.#pending.cancel();
    this.#fail({ reason: "timeout", cause: undefined });
  }

  #fail(failure: HandshakeFailure): void {
    this.#outcome.onFailed(handshakeError(this.#options, failure));
  }
}

/** Creates the error of a failed handshake. */
export function handshakeError(
  { action, handshakeTimeoutMs }: HandshakeWords,
  { reason, cause }: HandshakeFailure,
): TlsHandshakeError {
  const why = reason === "timeout"
    ? `it was not done within ${handshakeTimeoutMs} ms (handshakeTimeoutMs)`
    : cause === undefined
    ? ""
    : messageOf(cause);
  return new TlsHandshakeError(
    `Cannot ${action}: ${TEXTS[reason]}${why && ` (${why})`}`,
    { reason, cause },
  );
}
