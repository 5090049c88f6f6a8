import type { SocketAddress } from "../contract/address.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { ProxyInfo } from "../contract/proxy.ts";
import type {
  KeepAliveTimes,
  Socket,
  SocketEvents,
} from "../contract/socket.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import {
  ConnectionClosedError,
  PlaintextAfterStartTlsError,
  TlsAlreadyStartedError,
} from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { countOf } from "../util/text.ts";
import { ABORTED, peerOf } from "./closing_reasons.ts";
import { State } from "./connection_state.ts";
import { Timeout } from "./time_limits.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { HandshakeOutcome, TlsHandshake } from "./tls_handshake.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What is still to go out in plain. */
export interface PlainRest {
  /** How many bytes are still to be written. */
  readonly plainLeft: number;
  /** The socket has others, which it borrowed. */
  readonly isBorrowed: boolean;
}

/** What a {@linkcode TlsStart} asks of its connection, and tells it. */
export interface TlsStartHost extends SocketEvents {
  readonly state: State;
  readonly reader: { readonly bytesBuffered: number };
  /** What it was closed with, or what ended it. */
  readonly reason: Error | undefined;
  /** Nothing is read from now on, what is queued goes out in plain, and what comes behind it goes to `start`. */
  onTlsStarting(start: Socket): PlainRest;
  /** Something was received in plain behind what has asked for TLS: the connection is to be aborted for `reason`. */
  onPlaintext(reason: Error): void;
  /** The handshake is done: `socket` is to be started or destroyed before this returns. If sending was ended meanwhile, `isShutDown`, that is to be said in TLS. */
  onSecure(socket: Socket, isShutDown: boolean): void;
  /** It has failed, and nothing is left open. */
  onNotSecure(error: Error): void;
}

/** Has the connection of the socket `plain` start TLS by `end`, to do `action`. Throws {@linkcode ConnectionClosedError} or {@linkcode TlsAlreadyStartedError}. */
export function startTls<UserCommand>(
  loop: TurnLoop<UserCommand>,
  plain: Socket,
  action: string,
  end: TlsEnd,
  host: TlsStartHost,
): Promise<TlsInfo> {
  if (host.state !== State.Open) {
    throw new ConnectionClosedError(
      `Cannot ${action}: the connection is closed, or one end has ended it`,
    );
  }
  if (plain instanceof TlsStart || plain.tls !== undefined) {
    throw new TlsAlreadyStartedError(
      `Cannot ${action}: the connection has it already`,
    );
  }
  const start = new TlsStart(loop, plain, action, end, host);
  start.begin();
  return start.whenStarted;
}

/**
 * The socket of a connection from when it is to speak TLS until it does: takes
 * what was to be sent before that, in plain, and nothing more; then shakes hands.
 */
class TlsStart<UserCommand> implements Socket, SocketEvents {
  readonly borrowsWrites: boolean;
  readonly #loop: TurnLoop<UserCommand>;
  readonly #plain: Socket;
  readonly #action: string;
  readonly #end: TlsEnd;
  readonly #host: TlsStartHost;
  /** When all must be done: what is to go out in plain, and the handshake after it. */
  readonly #deadline: number;
  readonly #timeout = new Timeout(() => this.#onTimeout());
  /** How many bytes are still to be written in plain. */
  #plainLeft = 0;
  #isBorrowed = false;
  /** It is known that nothing was received behind what has asked for TLS. */
  #isChecked = false;
  #handshake: TlsHandshake<UserCommand> | undefined = undefined;
  #isShutDown = false;
  #isOver = false;
  /** Why it is being aborted. */
  #error: Error | undefined = undefined;
  /** Its host knows that the connection is gone. */
  #isTold = false;
  /** Resolves when the handshake is done; rejects with why the connection ended before, when its host knows that. */
  readonly whenStarted: Promise<TlsInfo>;
  #resolve!: (info: TlsInfo) => void;
  #reject!: (reason: Error) => void;

  /** By `end` it is to do `action`. */
  constructor(
    loop: TurnLoop<UserCommand>,
    plain: Socket,
    action: string,
    end: TlsEnd,
    host: TlsStartHost,
  ) {
    this.borrowsWrites = plain.borrowsWrites;
    this.#loop = loop;
    this.#plain = plain;
    this.#action = action;
    this.#end = end;
    this.#deadline = end.deadlineOf(loop);
    this.#host = host;
    this.whenStarted = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    forget(this.whenStarted); // maybe nobody waits for it
  }

  begin(): void {
    const { plainLeft, isBorrowed } = this.#host.onTlsStarting(this);
    this.#plainLeft = plainLeft;
    this.#isBorrowed = isBorrowed;
    this.#plain.start(this);
    this.#loop.armAt(this.#timeout, this.#deadline);
    // What the message in hand has behind it is known when its handler has returned.
    this.#loop.defer(() => this.#check());
  }

  // What is asked of it.

  get localAddress(): SocketAddress {
    return this.#plain.localAddress;
  }

  get remoteAddress(): SocketAddress {
    return this.#plain.remoteAddress;
  }

  get proxy(): ProxyInfo | undefined {
    return this.#plain.proxy;
  }

  setNoDelay(on: boolean): void {
    this.#plain.setNoDelay(on);
  }

  setKeepAlive(times: KeepAliveTimes | undefined): void {
    this.#plain.setKeepAlive(times);
  }

  /** It is its connection's from the beginning. */
  start(): void {}

  write(buffer: Uint8Array, start: number, end: number): number {
    const size = Math.min(end - start, this.#plainLeft);
    if (size === 0) return 0;
    const taken = this.#plain.write(buffer, start, start + size);
    this.#isBorrowed = taken < 0;
    this.#plainLeft -= this.#isBorrowed ? size : taken;
    if (this.#isPlainOut) this.#loop.defer(() => this.#beginIfReady());
    return taken;
  }

  /** Nothing is read in plain any more, and what is read in TLS is no matter of this. */
  pause(): void {}

  resume(): void {}

  shutdownWrite(): void {
    this.#isShutDown = true;
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#finish();
    if (this.#handshake === undefined) return this.#plain.destroy();
    this.#handshake.cancel();
    this.#loop.defer(() => this.onClose());
  }

  // What the plain socket reports.

  readBuffer(): Uint8Array {
    return new Uint8Array(1); // for a read that does not begin, since it is paused
  }

  onData(): void {}

  onWritable(): void {
    this.#isBorrowed = false;
    this.#host.onWritable();
    this.#beginIfReady();
  }

  onEnd(): void {}

  onClose(failure?: SocketFailure): void {
    this.#finish();
    if (this.#isTold) return;
    if (this.#error !== undefined) return this.#fail(this.#error);
    this.#isTold = true;
    this.#host.onClose(failure);
    this.#reject(
      this.#host.reason ??
        new ConnectionClosedError(`Cannot ${this.#action}: it was closed`),
    );
  }

  get #isPlainOut(): boolean {
    return this.#plainLeft === 0 && !this.#isBorrowed;
  }

  #check(): void {
    if (this.#isOver) return;
    const { bytesBuffered } = this.#host.reader;
    if (bytesBuffered === 0) {
      this.#isChecked = true;
      return this.#beginIfReady();
    }
    // A reset could overtake the answer.
    if (this.#isPlainOut) this.#plain.shutdownWrite();
    this.#host.onPlaintext(
      new PlaintextAfterStartTlsError(
        `${ABORTED} ${peerOf(this.#plain)}: it has sent ${
          countOf(bytesBuffered, "byte")
        } in plain behind what asked for TLS, which anybody may have put there`,
      ),
    );
  }

  #beginIfReady(): void {
    if (this.#isOver || !this.#isChecked || !this.#isPlainOut) return;
    if (this.#handshake !== undefined) return;
    this.#loop.disarm(this.#timeout);
    const outcome: HandshakeOutcome = {
      onOpened: (secured) => {
        this.#finish();
        this.#resolve(secured.tls as TlsInfo);
        this.#host.onSecure(secured, this.#isShutDown);
      },
      onFailed: (error) => this.#fail(error),
    };
    this.#handshake = this.#end.begin(
      this.#loop,
      this.#plain,
      this.#action,
      outcome,
      undefined,
      this.#deadline,
    );
  }

  /** Ends the connection, and tells why when it is gone. */
  #onTimeout(): void {
    this.#error = this.#end.overdue(this.#action);
    this.#finish();
    this.#plain.destroy();
  }

  #fail(error: Error): void {
    this.#finish();
    this.#isTold = true;
    this.#host.onNotSecure(error);
    this.#reject(this.#host.reason ?? error);
  }

  #finish(): void {
    this.#isOver = true;
    this.#loop.disarm(this.#timeout);
  }
}
