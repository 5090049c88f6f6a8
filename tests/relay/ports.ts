import assert from "node:assert/strict";
import { MessageChannel } from "node:worker_threads";
import type { Adapter, AdapterListenOptions } from "../../mod.ts";
import { PollBarrier } from "../../src/core/poll_barrier.ts";
import type { ChannelPort, Port } from "../../src/threads/link/port.ts";
import type { AcceptorHost } from "../../src/threads/relay/acceptor.ts";
import { RelayKind } from "../../src/threads/relay/protocol.ts";
import { signal } from "../conformance/support.ts";
import { tcp } from "../support/tcp.ts";

/** Where acceptors listen. */
export const LOCAL: AdapterListenOptions = {
  address: tcp("127.0.0.1", 0),
  backlog: 128,
  reusePort: false,
};

/** Whoever made an acceptor that accepts without fail. */
export const UNHEARD: AcceptorHost = {
  loop: { arm: () => assert.fail("it waits"), disarm() {} },
  peerLog: { warn: (say) => assert.fail(say()) },
  onAcceptFailed: () => assert.fail("accepting failed"),
  onDrop: (reason) => assert.equal(reason, "closing"),
};

/** The adapter of a worker, which listens by `listen`; whose barrier also waits for what is relayed. */
export function workerAdapter(
  inner: Adapter,
  listen: (
    barrier: PollBarrier,
    ...args: Parameters<Adapter["listen"]>
  ) => ReturnType<Adapter["listen"]>,
): Adapter {
  const barrier = new PollBarrier(inner);
  return {
    ...inner,
    afterPoll: (callback) => barrier.afterPoll(callback),
    listen: (...args) => listen(barrier, ...args),
  };
}

/** A port; `closed` resolves when the end of the worker is closed, `bytes` counts what was posted to it. */
export function channel() {
  const { port1, port2 } = new MessageChannel();
  const closed = signal();
  port2.on("close", () => closed.resolve());
  const ends = {
    near: port1 as unknown as Port,
    far: port2 as unknown as ChannelPort,
    closed: closed.promise,
    bytes: 0,
  };
  const post = ends.near.postMessage.bind(ends.near);
  ends.near.postMessage = (message, transferList) => {
    const [kind, , content] = message as [number, number, ArrayBuffer];
    if (kind === RelayKind.Data) ends.bytes += content.byteLength;
    post(message, transferList);
  };
  return ends;
}
