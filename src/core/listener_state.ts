import type { Address } from "../contract/address.ts";
import type { Listener, ListenerEvents } from "../contract/listener.ts";
import type { Socket } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { describeAddress, describeListener } from "../api/address.ts";
import type { DropCounts } from "../api/drops.ts";
import { ListenError } from "../api/errors.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { TlsListenOptions } from "../api/options/tls.ts";
import type { CmdSender, TcpListenerHandler } from "../api/reactor.ts";
import { INVALID_REACTOR_ID } from "../api/reactor_id.ts";
import type { ListenerStats } from "../stats/stats.ts";
import { Tally } from "../stats/tally.ts";
import { logError } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { watchPromise } from "../util/promises.ts";
import { AcceptRetry } from "./accept_retry.ts";
import type { Connection } from "./connection.ts";
import { toError } from "../api/to_error.ts";
import {
  type IntakeHost,
  type IntakeListener,
  ListenerIntake,
} from "./listener_intake.ts";
import type { TlsEnd } from "./tls_end.ts";

/** What a listener needs from its runtime. */
export interface ListenerHost<UserCommand> extends IntakeHost<UserCommand> {
  /** The open connections that were accepted with `tally`. */
  adopted(tally: Tally): readonly Connection<UserCommand>[];
  /**
   * `listening` is closed; its id must find nothing from now on. It must be
   * notified when its address is free.
   */
  removeListener(
    listening: ListenerState<UserCommand>,
    isFree: Promise<void>,
  ): void;
}

/** One listener, from bound to closed. Its intake handles what it accepts. */
export class ListenerState<UserCommand>
  implements IntakeListener<UserCommand>, ListenerEvents {
  id = INVALID_REACTOR_ID;

  readonly #host: ListenerHost<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #tally = new Tally();
  readonly #intake: ListenerIntake<UserCommand>;
  #listener: Listener | undefined = undefined;
  readonly #retry: AcceptRetry;
  /** Settled when the address is free; undefined while it listens. */
  #isFree: Promise<void> | undefined = undefined;
  #isClosed = false;
  /** True once `onCloseListen` has returned. */
  #isReported = false;
  #reason: Error | undefined = undefined;
  readonly #onClosed: (() => void)[] = [];
  #onEnded: (() => void)[] = [];
  #whenClosed: Promise<Error | undefined> | undefined = undefined;

  constructor(
    host: ListenerHost<UserCommand>,
    handler: TcpListenerHandler<UserCommand>,
    settings: ListenSettings,
    tls: TlsEnd | undefined,
    upgrade: Upgrade | undefined,
  ) {
    this.#host = host;
    this.#handler = handler;
    this.#intake = new ListenerIntake(host, this, handler, settings, {
      tally: this.#tally,
      tls,
      upgrade,
    });
    this.#retry = new AcceptRetry(
      host,
      () => this.#listener as Listener,
      (failure) => this.#onAcceptFailed(failure),
    );
  }

  get address(): Address {
    return (this.#listener as Listener).address;
  }

  get cmdSender(): CmdSender<UserCommand> {
    return this.#host.cmdSender;
  }

  get connectionCount(): number {
    return this.#intake.connectionCount;
  }

  get dropCount(): number {
    return this.#intake.drops.count;
  }

  get dropCounts(): DropCounts {
    return this.#intake.drops.counts;
  }

  stats(): ListenerStats {
    const open = this.#host.adopted(this.#tally);
    return this.#tally.stats(open, this.#host.loop.now());
  }

  setTls(tls: TlsListenOptions): void {
    const on = describeAddress(this.address);
    this.#intake.setTls(tls, `set the TLS of the listener on ${on}`);
  }

  // Its lifecycle.

  /**
   * Starts to serve `listener`. If `onStartListen` throws, closes it and
   * returns the error.
   */
  start(listener: Listener): Error | undefined {
    this.#listener = listener;
    try {
      watchPromise(
        this.#handler.onStartListen?.(this),
        (thrown) => this.#failed(thrown),
      );
      return undefined;
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  async stopAccepting(): Promise<void> {
    const isFree = this.#release();
    this.#intake.stopHandshakes();
    this.onLeft();
    await isFree;
  }

  /**
   * Stops accepting, and drains the accepted connections, or closes them for
   * `reason`.
   */
  drain(reason: Error): void {
    const accepted = this.#host.adopted(this.#tally);
    void this.stopAccepting();
    for (const connection of accepted) connection.drain(reason);
  }

  async close(reason?: Error): Promise<void> {
    this.#beginClosing(reason);
    await this.whenClosed;
  }

  get whenClosed(): Promise<Error | undefined> {
    return this.#whenClosed ??= new Promise((resolve) =>
      this.onceClosed(() => resolve(this.#reason))
    );
  }

  /** The address is free: calls `onCloseListen`. */
  onClosed(): void {
    this.#host.loop.defer(() =>
      this.#handler.onCloseListen?.(this.#reason, this)
    );
    this.#host.loop.defer(() => {
      this.#isReported = true;
      for (const callback of this.#onClosed) callback();
      this.#reportIfEnded();
    });
  }

  /**
   * Calls `callback` when it is closed, after `onCloseListen`; at once if it is
   * closed already.
   */
  onceClosed(callback: () => void): void {
    if (this.#isReported) callback();
    else this.#onClosed.push(callback);
  }

  /**
   * Calls `callback` when it and all its connections are closed; at once if
   * they are already.
   */
  onceEnded(callback: () => void): void {
    this.#onEnded.push(callback);
    this.#reportIfEnded();
  }

  // Called by the adapter.

  onAccept(socket: Socket): void {
    this.#host.loop.onSocketEvent();
    this.#retry.onAccept();
    if (this.#isFree === undefined) this.#intake.take(socket);
    else this.#intake.drops.drop(socket, "closing");
  }

  onAcceptError(failure: SocketFailure): void {
    if (this.#isFree === undefined) this.#retry.onAcceptError(failure);
  }

  // Called by its intake.

  onLeft(): void {
    if (this.#isFree === undefined || !this.#intake.isEmpty) return;
    this.#beginClosing(undefined);
    this.#reportIfEnded();
  }

  #reportIfEnded(): void {
    if (!this.#isReported || !this.#intake.isEmpty) return;
    const callbacks = this.#onEnded;
    this.#onEnded = [];
    for (const callback of callbacks) callback();
  }

  /** There is no point in going on accepting. */
  #onAcceptFailed(failure: SocketFailure): void {
    const on = describeAddress(this.address);
    const error = new ListenError(
      `Cannot accept on ${on}: ${failure.message}`,
      { cause: failure.cause },
    );
    this.#beginClosing(error);
    logError(`${describeListener(this)} has to close: ${summaryOf(error)}`);
  }

  #failed(thrown: unknown): Error {
    const error = toError(thrown, "onStartListen");
    logError(`${describeListener(this)}: onStartListen threw:`, error);
    this.#beginClosing(error);
    return error;
  }

  #beginClosing(reason: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#host.removeListener(this, this.#release());
    this.#intake.close();
  }

  /** Gives up the address. */
  #release(): Promise<void> {
    this.#retry.stop();
    return this.#isFree ??= (this.#listener as Listener).close();
  }
}
