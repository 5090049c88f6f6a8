import type { Address } from "../contract/address.ts";
import type { Listener, ListenerEvents } from "../contract/listener.ts";
import type { Socket } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import { formatAddress } from "../api/address.ts";
import { InvalidReactorError, ListenError } from "../api/errors.ts";
import type { ConnectionOptions } from "../api/options.ts";
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
  connectionCount = 0;
  dropCount = 0;

  readonly #host: ListenerHost<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #maxConnections: number;
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
    maxConnections: number,
  ) {
    this.#host = host;
    this.#handler = handler;
    this.#maxConnections = maxConnections;
    this.#retry = new AcceptRetry(
      host,
      () => this.#listener as Listener,
      (failure) => this.#onAcceptFailed(failure),
    );
  }

  get address(): Address {
    return (this.#listener as Listener).address;
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
    if (this.#isFree !== undefined) return socket.destroy();
    if (this.connectionCount >= this.#maxConnections) {
      this.#drop(socket, `maxConnections is ${this.#maxConnections}`);
      return;
    }
    const connection = this.#connectionFor(socket);
    if (connection === undefined) return;
    this.connectionCount++;
    connection.onceClosed(() => this.#onConnectionClosed());
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

  #onConnectionClosed(): void {
    this.connectionCount--;
    const isDrained = this.connectionCount === 0 && this.#isFree !== undefined;
    if (isDrained) this.#beginClosing(undefined);
  }

  #failed(thrown: unknown): Error {
    const error = toError(thrown, "onStartListen");
    logError(`listener ${this.id}: onStartListen threw:`, error);
    this.#beginClosing(error);
    return error;
  }

  /** The connection that the handler wants for `socket`, which is dropped if there is none. */
  #connectionFor(socket: Socket): Connection<UserCommand> | undefined {
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
      return this.#host.adopt(socket, reactorOf(accepted), accepted);
    } catch (thrown) {
      const error = toError(thrown, "onNewConnection");
      this.#drop(socket, "onNewConnection failed", error);
      return undefined;
    }
  }

  #drop(socket: Socket, reason: string, error?: Error): void {
    this.dropCount++;
    this.#host.peerLog.warn(
      () =>
        `listener ${this.id} dropped a connection of ${
          peerOf(socket)
        }: ${reason}`,
      error,
    );
    socket.destroy();
  }

  /** Its promise rejected; the connection was dropped, for it was none. */
  #handlerFailed(thrown: unknown): void {
    this.#host.peerLog.warn(
      () => `listener ${this.id}: onNewConnection failed`,
      toError(thrown, "onNewConnection"),
    );
  }
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
