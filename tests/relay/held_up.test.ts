// A worker whose acceptor's thread has something else to do for longer than a
// time limit. Here that thread is only deaf and dumb to the worker.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConnectionOptions,
  DefaultTcpListenerHandler,
  hostAdapter,
  IdleTimeoutError,
  MessageResult,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";
import type { Port } from "../../src/threads/link/port.ts";
import { relayConnections } from "../../src/threads/relay/acceptor.ts";
import { relayedListener } from "../../src/threads/relay/relayed_listener.ts";
import { RawPeer, watched } from "../conformance/peers.ts";
import { ANY_PORT, signal, sleep } from "../conformance/support.ts";
import { channel, LOCAL, UNHEARD, workerAdapter } from "./ports.ts";

const LIMIT_MS = 500;
const HELD_UP_MS = LIMIT_MS + 200;
const LARGE = 16 * 2 ** 20;
/** An end of a channel that can be held up: what comes and goes waits. */
class HeldUpPort implements Port {
  readonly #port: Port;
  #waiting: (() => void)[] | undefined = undefined;

  constructor(port: Port) {
    this.#port = port;
  }

  hold(): void {
    this.#waiting = [];
  }

  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const action of waiting) action();
  }

  postMessage(message: unknown, transferList?: readonly unknown[]): void {
    this.#do(() => this.#port.postMessage(message, transferList));
  }

  on(event: "message", listener: (message: unknown) => void): void {
    this.#port.on(event, (message) => this.#do(() => listener(message)));
  }

  close(): void {
    this.#do(() => this.#port.close());
  }

  #do(action: () => void): void {
    if (this.#waiting === undefined) action();
    else this.#waiting.push(action);
  }
}

/** Runs `body` with the address where a worker serves by `reactor`, and the port of the acceptor. */
async function withWorker(
  reactor: Reactor,
  limits: ConnectionOptions,
  body: (connect: () => Promise<RawPeer>, port: HeldUpPort) => Promise<void>,
): Promise<void> {
  const acceptor = await relayConnections(hostAdapter(), LOCAL, UNHEARD);
  const { address } = acceptor;
  const { near, far } = channel();
  const port = new HeldUpPort(near);
  acceptor.addPort(1, port);
  const adapter = workerAdapter(
    hostAdapter(),
    (barrier, _options, events) =>
      Promise.resolve(relayedListener(far, address, events, barrier)),
  );
  const runtime = new ReactRuntime({ adapter });
  await runtime.listen(
    ANY_PORT,
    new DefaultTcpListenerHandler(() => reactor, limits),
  );
  try {
    await body(() => RawPeer.connect(address), port);
  } finally {
    port.release();
    await runtime.stop({ graceMs: 0 });
    await acceptor.close();
  }
}

describe("a worker whose acceptor is held up for longer than its time limits", () => {
  it("does not close a connection as idle whose peer has sent meanwhile, but does when it is", () => {
    const first = signal<number>();
    const server = watched({
      onInboundMessage(buf) {
        first.resolve(buf.length);
        return MessageResult.dropMsgSize(buf.length);
      },
    });
    return withWorker(
      server.reactor,
      { idleTimeoutMs: LIMIT_MS },
      async (connect, port) => {
        const connecting = connect();
        await server.connected;
        port.hold();
        const peer = await connecting;
        peer.write(1);
        await sleep(HELD_UP_MS);
        port.release();
        assert.equal(await Promise.race([first.promise, server.closed]), 1);
        await peer.ended;
        peer.end();
        assert.ok(await server.closed instanceof IdleTimeoutError);
      },
    );
  });

  it("does not give up a close whose peer has read meanwhile", () => {
    const server = watched({
      onConnected(ctx) {
        ctx.sendOrQueue(new Uint8Array(LARGE));
        ctx.close();
      },
    });
    return withWorker(
      server.reactor,
      { closeTimeoutMs: LIMIT_MS },
      async (connect, port) => {
        const connecting = connect();
        await server.connected;
        port.hold();
        const peer = await connecting;
        await sleep(HELD_UP_MS);
        port.release();
        await peer.has(LARGE);
        peer.end();
        assert.equal(await server.closed, undefined);
      },
    );
  });
});
