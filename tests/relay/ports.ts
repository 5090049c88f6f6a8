import { MessageChannel } from "node:worker_threads";
import type { AdapterListenOptions } from "../../mod.ts";
import type { Port } from "../../src/threads/port.ts";
import { Kind } from "../../src/threads/relay/protocol.ts";
import { signal } from "../conformance/support.ts";

/** Where acceptors listen. */
export const LOCAL: AdapterListenOptions = {
  hostname: "127.0.0.1",
  port: 0,
  backlog: 128,
  reusePort: false,
};

/** A port; `closed` resolves when the end of the worker is closed, `bytes` counts what was posted to it. */
export function channel() {
  const { port1, port2 } = new MessageChannel();
  const closed = signal();
  port2.on("close", () => closed.resolve());
  const ends = {
    near: port1 as unknown as Port,
    far: port2 as unknown as Port,
    closed: closed.promise,
    bytes: 0,
  };
  const post = ends.near.postMessage.bind(ends.near);
  ends.near.postMessage = (message, transferList) => {
    const [kind, , content] = message as [number, number, ArrayBuffer];
    if (kind === Kind.Data) ends.bytes += content.byteLength;
    post(message, transferList);
  };
  return ends;
}
