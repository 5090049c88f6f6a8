import {
  type Adapter,
  hostAdapter,
  type ListenerEvents,
  type Socket,
  type SocketEvents,
  type TcpAddress,
} from "../../mod.ts";

/** The address that it pretends to listen on. */
export const HERE: TcpAddress = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 1,
};

/**
 * A socket that accepts all writes. `onStart` gets the receiver, to which it
 * can deliver reads.
 */
const silentSocket = (onStart: (events: SocketEvents) => void): Socket => ({
  localAddress: HERE,
  remoteAddress: HERE,
  borrowsWrites: false,
  setOptions() {},
  start: onStart,
  write: (_bytes, start, end) => end - start,
  pause() {},
  resume() {},
  shutdownWrite() {},
  destroy() {},
});

/** An adapter without sockets. `accept` simulates an accepted connection. */
export class SilentAdapter implements Adapter {
  readonly name = "silent";
  readonly transports = ["tcp"] as const;
  readonly reusesPorts = false;
  readonly clock = hostAdapter().clock;
  #events: ListenerEvents | undefined = undefined;

  /** Accepts a connection. Calls `onStart` with its receiver. */
  accept(onStart: (events: SocketEvents) => void = () => {}): void {
    this.#events?.onAccept(silentSocket(onStart));
  }

  random(): number {
    return 0.5;
  }

  endOfTurn(callback: () => void): void {
    hostAdapter().endOfTurn(callback);
  }

  afterPoll(callback: () => void): void {
    hostAdapter().afterPoll(callback);
  }

  listen: Adapter["listen"] = (_options, events) => {
    this.#events = events;
    return Promise.resolve({
      address: HERE,
      resume() {},
      close: () => Promise.resolve(),
    });
  };

  connect(): never {
    throw new Error("there is nobody to connect to");
  }
}
