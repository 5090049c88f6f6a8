import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Address,
  parseAddress,
  type Socket,
  type SocketEvents,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { pattern } from "./support.ts";

/** Records the events of a socket. */
class Receiver implements SocketEvents {
  readonly bytes: number[] = [];
  readonly heard: string[] = [];
  #onData: (count: number) => void;

  constructor(onData: (count: number) => void = () => {}) {
    this.#onData = onData;
  }

  readBuffer(): Uint8Array {
    return new Uint8Array(4096);
  }

  onData(buffer: Uint8Array, length: number): void {
    this.bytes.push(...buffer.subarray(0, length));
    this.#onData(this.bytes.length);
  }

  onWritable(): void {}

  onEnd(): void {
    this.heard.push("end");
  }

  onClose(): void {
    this.heard.push("close");
  }
}

/** How sockets of an adapter behave when they get another receiver. */
export function handingOnPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually } = environment;

  /**
   * Runs `body` with a peer and its accepted socket, whose first receiver is
   * `first`.
   */
  async function withSocket(
    first: Receiver,
    body: (peer: Peer, socket: Socket) => Promise<void>,
  ): Promise<void> {
    const sockets: Socket[] = [];
    const listener = await adapter.listen({
      address: parseAddress(anyPort),
      backlog: 10,
      reusePort: false,
    }, {
      onAccept(socket) {
        sockets.push(socket);
        socket.start(first);
      },
      onAcceptError: assert.ifError,
    });
    try {
      const peer = await connectPeer(listener.address as Address);
      await eventually(() => sockets.length > 0, "it is accepted");
      await body(peer, sockets[0]);
      peer.destroy();
    } finally {
      sockets[0]?.destroy();
      await listener.close();
    }
  }

  describe(`${adapter.name}: a socket that is handed on`, () => {
    it("inside onData: what follows goes to the next receiver, all of it and in order", async () => {
      const sent = pattern(0, 5000);
      const next = new Receiver();
      let socket: Socket | undefined = undefined;
      const first = new Receiver(() => socket?.start(next));
      await withSocket(first, async (peer, accepted) => {
        socket = accepted;
        peer.send(sent.slice(0, 10));
        await eventually(() => first.bytes.length > 0, "it has read");
        peer.send(sent.slice(10));
        await eventually(
          () => first.bytes.length + next.bytes.length === sent.length,
          "all is in",
        );
        assert.deepEqual([...first.bytes, ...next.bytes], [...sent]);
        assert.ok(first.bytes.length <= 10);
        peer.end();
        await eventually(() => next.heard.includes("end"), "the end is told");
        accepted.destroy();
        await eventually(() => next.heard.includes("close"), "it is closed");
        assert.deepEqual(first.heard, []);
      });
    });

    it("while it is paused: it stays paused, and loses nothing", async () => {
      const sent = pattern(0, 5000);
      const next = new Receiver();
      const first = new Receiver();
      await withSocket(first, async (peer, socket) => {
        peer.send(sent.slice(0, 10));
        await eventually(() => first.bytes.length === 10, "it has read");
        socket.pause();
        peer.send(sent.slice(10));
        await environment.sleep(20);
        socket.start(next);
        await environment.sleep(20);
        assert.equal(next.bytes.length, 0);
        socket.resume();
        await eventually(
          () => 10 + next.bytes.length === sent.length,
          "all is in",
        );
        assert.deepEqual([...first.bytes, ...next.bytes], [...sent]);
        socket.destroy();
        await eventually(() => next.heard.length > 0, "it is closed");
        assert.deepEqual(first.heard, []);
      });
    });
  });
}
