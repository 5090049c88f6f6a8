import type { Address } from "../contract/address.ts";
import type { Listener, ListenerEvents } from "../contract/listener.ts";
import type { Socket } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import {
  type DropCounts,
  dropCounts,
  type DropReason,
  sumOf,
} from "../api/drops.ts";
import {
  InvalidReactorError,
  ListenError,
  ResourcesExhaustedError,
  RuntimeStoppedError,
} from "../api/errors.ts";
import type { ConnectionOptions, ListenSettings } from "../api/options.ts";
import type {
  AcceptedConnection,
  CmdSender,
  ListenerContext,
  Reactor,
  TcpListenerHandler,
} from "../api/reactor.ts";
import { INVALID_REACTOR_ID } from "../api/reactor_id.ts";
import { logError } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import { watchPromise } from "../util/promises.ts";
import { textOf } from "../util/text.ts";
import { AcceptRetry } from "./accept_retry.ts";
import { peerOf } from "./closing_reasons.ts";
import type { Connection, ConnectionHost } from "./connection.ts";
import { Door } from "./door.ts";
import { toError } from "./failures.ts";
import { ReactorSocket } from "./reactor_socket.ts";

/** What a listener asks of its runtime. */
export interface ListenerHost<UserCommand> extends ConnectionHost<UserCommand> {
  /** Makes a connection of a socket that was accepted, not yet started. */
  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
  ): Connection<UserCommand>;
  /** `listening` is closed; its id must find nothing from now on. It is to be told when its address is free. */
  removeListener(
    listening: ListenerState<UserCommand>,
    isFree: Promise<void>,
  ): void;
}

/** One listener: accepts connections and has its handler choose their reactors. */
export class ListenerState<UserCommand>
  implements ListenerContext<UserCommand>, ListenerEvents {
  id = INVALID_REACTOR_ID;

  readonly #host: ListenerHost<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #door: Door;
  readonly #dropCounts: Record<DropReason, number> = { ...dropCounts(() => 0) };
  #listener: Listener | undefined = undefined;
  readonly #retry: AcceptRetry;
  /** Settled when the address is free; undefined while it listens. */
  #isFree: Promise<void> | undefined = undefined;
  #isClosed = false;
  /** `onCloseListen` has returned. */
  #isTold = false;
  #reason: Error | undefined = undefined;
  readonly #onClosed: (() => void)[] = [];
  #whenClosed: Promise<Error | undefined> | undefined = undefined;

  constructor(
    host: ListenerHost<UserCommand>,
    handler: TcpListenerHandler<UserCommand>,
    settings: ListenSettings,
  ) {
    this.#host = host;
    this.#handler = handler;
    this.#door = new Door(settings, () => host.loop.now());
    this.#retry = new AcceptRetry(
      host,
      () => this.#listener as Listener,
      (failure) => this.#onAcceptFailed(failure),
    );
  }

  get address(): Address {
    return (this.#listener as Listener).address;
  }

  get connectionCount(): number {
    return this.#door.openCount;
  }

  get dropCount(): number {
    return sumOf(this.#dropCounts);
  }

  get dropCounts(): DropCounts {
    return { ...this.#dropCounts };
  }

  /** Begins to serve `listener`; returns what `onStartListen` threw, and then it is closed. */
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

  get cmdSender(): CmdSender<UserCommand> {
    return this.#host.cmdSender;
  }

  get whenClosed(): Promise<Error | undefined> {
    return this.#whenClosed ??= new Promise((resolve) =>
      this.onceClosed(() => resolve(this.#reason))
    );
  }

  async stopAccepting(): Promise<void> {
    const isFree = this.#release();
    if (this.connectionCount === 0) this.#beginClosing(undefined);
    await isFree;
  }

  async close(reason?: Error): Promise<void> {
    this.#beginClosing(reason);
    await this.whenClosed;
  }

  /** The address is free, and the handler is to hear that it is closed. */
  onClosed(): void {
    this.#host.loop.defer(() =>
      this.#handler.onCloseListen?.(this.#reason, this)
    );
    this.#host.loop.defer(() => {
      this.#isTold = true;
      for (const callback of this.#onClosed) callback();
    });
  }

  /** Calls back when it is closed, after the handler's `onCloseListen`; at once if it is. */
  onceClosed(callback: () => void): void {
    if (this.#isTold) callback();
    else this.#onClosed.push(callback);
  }

  onAccept(socket: Socket): void {
    this.#host.loop.onSocketEvent();
    this.#retry.onAccept();
    if (this.#isFree !== undefined) return this.#drop(socket, "closing");
    const network = this.#door.networkOf(socket);
    const limit = this.#door.refusal(network);
    if (limit !== undefined) {
      this.#warnOfDrop(socket, this.#door.textOf(limit));
      return this.#drop(socket, limit);
    }
    const connection = this.#connectionFor(socket);
    if (connection === undefined) return;
    this.#door.enter(network);
    connection.onceClosed(() => this.#onConnectionClosed(network));
    connection.start(this.id);
  }

  onAcceptError(failure: SocketFailure): void {
    if (this.#isFree === undefined) this.#retry.onAcceptError(failure);
  }

  /** To go on accepting is no use. */
  #onAcceptFailed(failure: SocketFailure): void {
    const on = formatAddress(this.address);
    const error = new ListenError(
      `Cannot accept on ${on}: ${failure.message}`,
      { cause: failure.cause },
    );
    this.#beginClosing(error);
    logError(`listener ${this.id} has to close: ${summaryOf(error)}`);
  }

  /** Gives up the address. */
  #release(): Promise<void> {
    this.#retry.stop();
    return this.#isFree ??= (this.#listener as Listener).close();
  }

  #beginClosing(reason: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#host.removeListener(this, this.#release());
  }

  #onConnectionClosed(network: string | undefined): void {
    this.#door.leave(network);
    const isLast = this.connectionCount === 0 && this.#isFree !== undefined;
    if (isLast) this.#beginClosing(undefined);
  }

  #failed(thrown: unknown): Error {
    const error = toError(thrown, "onStartListen");
    logError(`listener ${this.id}: onStartListen threw:`, error);
    this.#beginClosing(error);
    return error;
  }

  /** The connection that the handler wants for `socket`, which is dropped if there is none. */
  #connectionFor(socket: Socket): Connection<UserCommand> | undefined {
    let isWanted = false;
    try {
      const accepted = this.#handler.onNewConnection(
        this,
        new ReactorSocket(socket),
      );
      if (accepted === null) {
        socket.destroy();
        return undefined;
      }
      watchPromise(accepted, (thrown) => this.#handlerFailed(thrown));
      const reactor = reactorOf(accepted);
      isWanted = true;
      return this.#host.adopt(socket, reactor, accepted);
    } catch (thrown) {
      const error = toError(thrown, "onNewConnection");
      const reason = isWanted ? reasonOf(error) : "handlerFailed";
      const why = reason === "handlerFailed"
        ? "onNewConnection failed"
        : "it cannot be served";
      this.#warnOfDrop(socket, why, error);
      this.#drop(socket, reason);
      return undefined;
    }
  }

  #warnOfDrop(socket: Socket, why: string, error?: Error): void {
    const say = () =>
      `listener ${this.id} dropped a connection of ${peerOf(socket)}: ${why}`;
    this.#host.peerLog.warn(say, error);
  }

  /** Drops `socket`, counts it, and tells the handler, whose last call is that of the end. */
  #drop(socket: Socket, reason: DropReason): void {
    const { remoteAddress } = socket;
    this.#dropCounts[reason]++;
    socket.destroy();
    if (this.#isClosed) return;
    const onFailed = (thrown: unknown) =>
      this.#host.peerLog.warn(
        () => `listener ${this.id}: onDrop failed`,
        toError(thrown, "onDrop"),
      );
    try {
      watchPromise(
        this.#handler.onDrop?.(reason, remoteAddress, this),
        onFailed,
      );
    } catch (thrown) {
      onFailed(thrown);
    }
  }

  /** Its promise rejected; the connection was dropped, for it was none. */
  #handlerFailed(thrown: unknown): void {
    this.#host.peerLog.warn(
      () => `listener ${this.id}: onNewConnection failed`,
      toError(thrown, "onNewConnection"),
    );
  }
}

/** Why a connection is dropped that a handler wants, because of `error`. */
function reasonOf(error: Error): DropReason {
  if (error instanceof ResourcesExhaustedError) return "noRoom";
  return error instanceof RuntimeStoppedError ? "closing" : "handlerFailed";
}

function reactorOf<UserCommand>(
  accepted: AcceptedConnection<UserCommand> | undefined,
): Reactor<UserCommand> {
  if (typeof accepted === "object") return accepted.reactor;
  throw new InvalidReactorError(
    `Cannot use ${
      textOf(accepted)
    } as a connection: onNewConnection returns { reactor } or null`,
  );
}
