import type {
  Address,
  Listener,
  ListenerEvents,
  Socket,
  SocketFailure,
} from "../adapters/adapter.ts";
import { formatAddress } from "../api/address.ts";
import { InvalidReactorError, ListenError } from "../api/errors.ts";
import type { ConnectionOptions } from "../api/options.ts";
import type {
  NewStreamConnection,
  Reactor,
  TcpListenerHandler,
  TcpListening,
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
  implements TcpListening, ListenerEvents {
  id = INVALID_REACTOR_ID;
  connectionCount = 0;
  dropCount = 0;

  readonly #host: ListenerHost<UserCommand>;
  readonly #handler: TcpListenerHandler<UserCommand>;
  readonly #maxConnections: number;
  #listener: Listener | undefined = undefined;
  readonly #retry: AcceptRetry;
  #isClosed = false;
  #reason: Error | undefined = undefined;
  readonly #onClosed: (() => void)[] = [];

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
        this.#handler.onStartListen?.(this.id, this.#host.cmdSender),
        (thrown) => this.#failed(thrown),
      );
      return undefined;
    } catch (thrown) {
      return this.#failed(thrown);
    }
  }

  /** Stops listening; the handler hears of it when the address is free. */
  close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#retry.stop();
    const isFree = (this.#listener as Listener).close();
    this.#host.removeListener(this, isFree);
  }

  /** The address is free. */
  onClosed(): void {
    this.#host.loop.defer(() =>
      this.#handler.onCloseListen?.(
        this.id,
        this.#host.cmdSender,
        this.#reason,
      )
    );
    for (const callback of this.#onClosed) this.#host.loop.defer(callback);
  }

  /** Calls back when it is closed, after the handler's `onCloseListen`. */
  whenClosed(callback: () => void): void {
    this.#onClosed.push(callback);
  }

  onAccept(socket: Socket): void {
    this.#host.loop.onSocketEvent();
    this.#retry.onAccept();
    if (this.#isClosed) return socket.destroy();
    if (this.connectionCount >= this.#maxConnections) {
      this.#drop(socket, `maxConnections is ${this.#maxConnections}`);
      return;
    }
    const connection = this.#connectionFor(socket);
    if (connection === undefined) return;
    this.connectionCount++;
    connection.whenClosed(() => this.connectionCount--);
    connection.start(this.id);
  }

  onAcceptError(failure: SocketFailure): void {
    if (!this.#isClosed) this.#retry.onAcceptError(failure);
  }

  /** To go on accepting is no use. */
  #onAcceptFailed(failure: SocketFailure): void {
    const on = formatAddress(this.address);
    const error = new ListenError(
      `Cannot accept on ${on}: ${failure.message}`,
      { cause: failure.cause },
    );
    this.close(error);
    logError(`listener ${this.id} has to close: ${summaryOf(error)}`);
  }

  #failed(thrown: unknown): Error {
    const error = toError(thrown, "onStartListen");
    logError(`listener ${this.id}: onStartListen threw:`, error);
    this.close(error);
    return error;
  }

  /** The connection that the handler wants for `socket`, which is dropped if there is none. */
  #connectionFor(socket: Socket): Connection<UserCommand> | undefined {
    try {
      const accepted = this.#handler.onNewConnection(this, socket);
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
  accepted: NewStreamConnection<UserCommand> | undefined,
): Reactor<UserCommand> {
  if (typeof accepted === "object") return accepted.reactor;
  throw new InvalidReactorError(
    `Cannot use ${
      textOf(accepted)
    } as a connection: onNewConnection returns { reactor } or null`,
  );
}
