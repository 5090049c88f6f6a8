/**
 * What it takes to ask a runtime for its stats, which looks at every connection:
 * on sockets that do nothing, so that there may be as many as one likes. Prints a
 * line of JSON for each number of connections: milliseconds, of the shortest of
 * some rounds.
 */

import {
  type Adapter,
  hostAdapter,
  type ListenerEvents,
  MessageResult,
  ReactRuntime,
  type Socket,
  type TcpAddress,
} from "../../mod.ts";

const COUNTS = [100, 1000, 10_000, 50_000];
const ROUNDS = 41;

const HERE: TcpAddress = { transport: "tcp", hostname: "127.0.0.1", port: 1 };

/** A socket that takes everything, and on which nothing comes in. */
const silentSocket = (): Socket => ({
  localAddress: HERE,
  remoteAddress: HERE,
  borrowsWrites: false,
  setNoDelay() {},
  setKeepAlive() {},
  start() {},
  write: (_bytes, start, end) => end - start,
  pause() {},
  resume() {},
  shutdownWrite() {},
  destroy() {},
});

/** Listens nowhere; `accept` has a connection come in. */
class SilentAdapter implements Adapter {
  readonly name = "silent";
  readonly transports = ["tcp"] as const;
  readonly reusesPorts = false;
  readonly clock = hostAdapter().clock;
  #events: ListenerEvents | undefined = undefined;

  accept(): void {
    this.#events?.onAccept(silentSocket());
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

const adapter = new SilentAdapter();
const runtime = new ReactRuntime({ adapter });
await runtime.listen(HERE, {
  onNewConnection: () => ({
    reactor: {
      onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
    },
  }),
}, { maxConnections: COUNTS[COUNTS.length - 1] });

let open = 0;
for (const connections of COUNTS) {
  for (; open < connections; open++) adapter.accept();
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    runtime.stats();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  const statsMs = Number(times[0].toFixed(3));
  console.log(JSON.stringify({ connections, statsMs }));
}
