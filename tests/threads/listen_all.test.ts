import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AddressInUseError,
  hostAdapter,
  type SharedListener,
  UnknownFactoryError,
  type WorkerExit,
} from "../../mod.ts";
import { RawPeer } from "../conformance/peers.ts";
import { signal } from "../conformance/support.ts";
import { withAgents } from "./agents.ts";

/** Opens `count` connections one after the other, each served. */
async function openPeers(
  listener: SharedListener,
  count: number,
): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await RawPeer.connect(listener.address);
    peer.write(1, 2, 3);
    await peer.has(3);
    peers.push(peer);
  }
  return peers;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe("one port for all threads", () => {
  it("every thread serves it, and the spread tells how many each has accepted", () =>
    withAgents(3, async (_agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      assert.ok(listener.address.port > 0);
      assert.deepEqual(listener.spread, [0, 0, 0]);
      const peers = await openPeers(listener, 90);
      assert.equal(sum(listener.spread), 90);
      assert.ok(
        listener.spread.every((count) => count > 0),
        String(listener.spread),
      );
      for (const peer of peers) peer.end();
      await Promise.all(peers.map((peer) => peer.closed));
      await listener.close();
    }));

  it("the mode is reusePort where the runtime has it, and relay elsewhere", () =>
    withAgents(1, async (_agents, threads) => {
      const { mode } = await threads.listenAll("127.0.0.1:0", "echo");
      const { reusesPorts } = hostAdapter();
      assert.equal(mode, reusesPorts ? "reusePort" : "relay");
    }));

  it("close frees the port, and leaves the connections alone", () =>
    withAgents(2, async (_agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      const [peer] = await openPeers(listener, 1);
      await Promise.all([listener.close(), listener.close()]);
      await RawPeer.dropped(listener.address);
      peer.write(4);
      await peer.has(4);
      const again = await threads.listenAll(listener.address, "echo");
      assert.deepEqual(again.address, listener.address);
      peer.destroy();
    }));

  it("it fails with the error of the listen, and then nobody listens", () =>
    withAgents(2, async (_agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      if (listener.mode === "relay") {
        await assert.rejects(
          threads.listenAll(listener.address, "echo"),
          AddressInUseError,
        );
      }
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "ehco" as "echo"),
        UnknownFactoryError,
      );
      await assert.rejects(
        threads.listenAll("no address" as `${string}:${number}`, "echo"),
      );
    }));

  it("when a thread ends, the others serve", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a], threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      await a.run(() =>
        void setTimeout(() => {
          throw new Error("ended");
        }, 1)
      );
      await exited.promise;
      const before = listener.spread[1];
      const peers = await openPeers(listener, 10);
      assert.equal(listener.spread[1] - before, 10);
      for (const peer of peers) peer.destroy();
    }, { onWorkerExit: exited.resolve });
  });
});
