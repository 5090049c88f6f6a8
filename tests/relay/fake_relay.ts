import assert from "node:assert/strict";
import {
  type Adapter,
  BORROWED,
  type DropReason,
  hostAdapter,
  type Listener,
  type ListenerEvents,
  type Socket,
  type SocketEvents,
  type SocketFailure,
  type SocketOptions,
} from "../../mod.ts";
import { relayConnections } from "../../src/threads/relay/acceptor.ts";
import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { PollBarrier } from "../../src/core/poll_barrier.ts";
import { signal } from "../conformance/support.ts";
import { channel, LOCAL } from "./ports.ts";
import { tcp } from "../support/tcp.ts";

/** A socket that does what a test says. */
export class FakeSocket implements Socket {
  readonly localAddress = tcp("127.0.0.1", 1);
  readonly remoteAddress = tcp("127.0.0.1", 2);
  readonly borrowsWrites = true;
  readonly calls: string[] = [];
  readonly written: Uint8Array[] = [];
  events!: SocketEvents;

  start(events: SocketEvents): void {
    this.events = events;
  }

  write(buffer: Uint8Array, start: number, end: number): number {
    this.written.push(buffer.subarray(start, end));
    return BORROWED;
  }

  pause = () => void this.calls.push("pause");
  resume = () => void this.calls.push("resume");
  shutdownWrite = () => void this.calls.push("shutdownWrite");
  destroy = () => void this.calls.push("destroy");
  setOptions = (options: SocketOptions) =>
    void this.calls.push(`options ${JSON.stringify(options)}`);
}

/** A relay of one connection, whose socket is a fake; `log` has what the worker hears, `polls` whom the acceptor's adapter is to tell that it served its sockets. */
export async function fakeRelay() {
  let events!: ListenerEvents;
  const calls: string[] = [];
  const timers: [() => void, number][] = [];
  const failures: SocketFailure[] = [];
  const warnings: string[] = [];
  const drops: DropReason[] = [];
  const polls: (() => void)[] = [];
  const adapter: Adapter = {
    ...hostAdapter(),
    clock: hostAdapter().clock,
    afterPoll: (callback) => void polls.push(callback),
    listen(_options, given): Promise<Listener> {
      events = given;
      return Promise.resolve({
        address: tcp("127.0.0.1", 1),
        resume: () => void calls.push("resume"),
        close: () => Promise.resolve(void calls.push("close")),
      });
    },
  };
  const acceptor = await relayConnections(adapter, LOCAL, {
    onAcceptFailed: (failure) => void failures.push(failure),
    onDrop: (reason) => void drops.push(reason),
    loop: {
      arm: (timeout, delayMs) =>
        void timers.push([() => timeout.onTimeout(), delayMs]),
      disarm() {},
    },
    peerLog: { warn: (say) => void warnings.push(say()) },
  });
  const { near, far, closed } = channel();
  acceptor.addPort(1, near);
  const log: unknown[] = [];
  const accepted = signal<Socket>();
  const worker: Adapter = {
    ...hostAdapter(),
    afterPoll: (callback) => callback(),
  };
  const barrier = new PollBarrier(worker);
  relayedListener(far, acceptor.address, {
    onAccept(socket) {
      socket.start({
        readBuffer: () => new Uint8Array(0), // a relayed socket does not ask
        onData: (_buffer, length) => void log.push(length),
        onWritable: () => void log.push("writable"),
        onEnd: () => void log.push("end"),
        onClose: (failure) => void log.push(["closed", failure?.kind]),
      });
      accepted.resolve(socket);
    },
    onAcceptError: () => assert.fail(),
  }, barrier);
  const real = new FakeSocket();
  events.onAccept(real);
  const socket = await accepted.promise;
  const end = async () => {
    if (!isFailed(log)) real.events.onClose();
    await acceptor.close();
    await closed;
  };
  return {
    acceptor,
    events,
    calls,
    timers,
    failures,
    warnings,
    drops,
    polls,
    barrier,
    log,
    real,
    socket,
    end,
  };
}

/** True if the worker has heard of the end of the real socket. */
function isFailed(log: unknown[]): boolean {
  return log.some((entry) => Array.isArray(entry) && entry[1] !== undefined);
}
