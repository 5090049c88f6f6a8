// Two connections, and what one gets, the other sends.

import {
  type ConnectOptions,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  type TcpListenerHandler,
} from "../../mod.ts";

/** Where a proxy passes on what it gets, and how. */
export interface PassingOptions {
  /** The address of the server. */
  readonly to: string;
  /** The version of the PROXY header that tells the server where the client is; 0 if none does. */
  readonly header: number;
  /** How long both sides may say nothing, in ms; 0 is for ever. */
  readonly idle: number;
}

/** So many bytes wait to be sent at most, but for one read: whoever sends faster than the other end reads has to wait. */
const HIGH_WATER_MARK = 128 * 1024;

/** Passes on what clients of a listener send, over connections of `runtime`. */
export function passingOn(
  runtime: Pick<ReactRuntime, "connect">,
  { to, header, idle: idleTimeoutMs }: PassingOptions,
): TcpListenerHandler {
  return {
    onNewConnection() {
      const reactor = new ProxySide((client, server) => {
        const options = { idleTimeoutMs, ...headerFor(client, header) };
        runtime.connect(to, server, options)
          .catch((error) => client.abort(error));
      });
      return { reactor, idleTimeoutMs };
    },
  };
}

function headerFor(
  { socket }: DispatchContext,
  version: number,
): ConnectOptions {
  if (version === 0) return {};
  return {
    proxyProtocol: {
      version: version === 1 ? 1 : 2,
      source: socket.remoteAddress,
      destination: socket.localAddress,
      checksum: version === 2,
    },
  };
}

/** Connects to the server, for a client that is not read from before that is done. */
type ConnectServer = (client: DispatchContext, server: Reactor) => void;

/** One side of the proxy; that of the client makes the other one. */
class ProxySide implements Reactor {
  readonly #connect: ConnectServer | undefined;
  readonly #other: ProxySide;
  #ctx: DispatchContext | undefined;
  #isWaiting = false;
  #isOver = false;
  #isClosed = false;

  constructor(connect: ConnectServer | undefined, other?: ProxySide) {
    this.#connect = connect;
    this.#other = other ?? new ProxySide(undefined, this);
  }

  onConnected(ctx: DispatchContext): void {
    this.#ctx = ctx;
    if (this.#connect !== undefined) {
      ctx.pauseReading();
      this.#connect(ctx, this.#other);
    } else if (this.#other.#isClosed) {
      ctx.abort();
    } else {
      this.#other.#ctx?.resumeReading();
    }
  }

  onInboundMessage(bytes: Uint8Array, ctx: DispatchContext): MessageResult {
    this.#other.#ctx?.sendOrQueue(bytes, this.#onOut);
    this.#isWaiting = this.#queued > HIGH_WATER_MARK;
    if (this.#isWaiting) ctx.pauseReading();
    return MessageResult.dropMsgSize(bytes.length);
  }

  /** One half is over, and the other half goes on. What is closing has less time when a server is stopped, so all is to be out first. */
  onPeerEnd(): void {
    this.#isOver = true;
    if (this.#queued === 0) this.#other.#ctx?.end();
  }

  /** What is under way goes on until both have said all. */
  onDrain(): void {}

  /** What was lost is passed on as that, so that nobody takes a part for the whole. After a clean end the other one ends by itself. */
  onClose(reason: Error | undefined): void {
    this.#isClosed = true;
    if (reason !== undefined) this.#other.#ctx?.abort(reason);
  }

  /** How much waits to go out to the other. */
  get #queued(): number {
    return this.#other.#ctx?.sender.bytesQueued ?? 0;
  }

  readonly #onOut = (): void => {
    if (this.#isOver && this.#queued === 0) this.#other.#ctx?.end();
    if (!this.#isWaiting || this.#queued > HIGH_WATER_MARK / 2) return;
    this.#isWaiting = false;
    this.#ctx?.resumeReading();
  };
}
