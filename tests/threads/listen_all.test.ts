import assert from "node:assert/strict";
import { existsSync, lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { describe, it } from "node:test";
import {
  AddressInUseError,
  encodeProxyHeader,
  formatAddress,
  hostAdapter,
  InvalidOptionError,
  InvalidReactorError,
  NotCloneableError,
  ReactRuntime,
  RuntimeStoppedError,
  UnknownFactoryError,
  UnsupportedTransportError,
  type WorkerExit,
  WorkerExitedError,
} from "../../mod.ts";
import { connectAnsweringPeer } from "../conformance/children.ts";
import { RawPeer } from "../conformance/peers.ts";
import { loopbackHosts } from "../conformance/real_environment.ts";
import { eventually, signal } from "../conformance/support.ts";
import { block } from "../support/block.ts";
import { asTcp } from "../support/tcp.ts";
import {
  endSoon,
  openPeers,
  STEADY,
  type Threads,
  withAgents,
} from "./agents.ts";

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe("one port for all threads", () => {
  it("every thread serves it, and the spread says how many each has accepted", () =>
    withAgents(3, async (_agents, threads) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      assert.ok(asTcp(listener.address).port > 0);
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

  it("the mode is reusePort where the host supports it, and relay elsewhere", () =>
    withAgents(1, async (_agents, threads) => {
      const { mode } = await threads.listenAll("127.0.0.1:0", "echo");
      const { reusesPorts } = hostAdapter();
      assert.equal(mode, reusesPorts ? "reusePort" : "relay");
    }));

  it("close frees the port, and leaves connections open", () =>
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

  it("its limits are those of each thread, and what all threads drop is counted by reason", () =>
    withAgents(2, async (_agents, threads) => {
      const listener = await threads.listenAll(
        "127.0.0.1:0",
        "echo",
        undefined,
        {
          maxConnectionsPerAddress: 1,
        },
      );
      const count = 12;
      const served: RawPeer[] = [];
      for (let i = 0; i < count; i++) {
        const peer = await RawPeer.connect(listener.address);
        peer.write(1);
        await Promise.race([peer.has(1), peer.ended, peer.closed]);
        if (peer.received === 1) served.push(peer);
        else peer.destroy();
      }
      assert.ok(served.length === 1 || served.length === 2);
      const isCounted = () => listener.dropCount === count - served.length;
      await eventually(isCounted, "all are counted");
      const { maxConnectionsPerAddress } = listener.dropCounts;
      assert.equal(maxConnectionsPerAddress, listener.dropCount);
      for (const peer of served) peer.destroy();
    }));

  it("behind a proxy every thread reads the headers of what it serves, and knows where its clients are", () =>
    withAgents(2, async (_agents, threads) => {
      const listener = await threads.listenAll(
        "127.0.0.1:0",
        "echo",
        undefined,
        {
          maxConnectionsPerAddress: 1,
          proxyProtocol: { trusted: ["127.0.0.1"] },
        },
      );
      const open = async (source: string) => {
        const peer = await RawPeer.connect(listener.address);
        const header = encodeProxyHeader({
          version: 2,
          source,
          destination: "192.0.2.1:443",
        });
        peer.send(Uint8Array.of(...header, 1));
        await Promise.race([peer.has(1), peer.ended, peer.closed]);
        return peer;
      };
      const peers: RawPeer[] = [];
      for (let i = 1; i <= 8; i++) peers.push(await open(`203.0.113.${i}:1`));
      assert.ok(peers.every(({ received }) => received === 1));
      // Each of the two threads serves at most one connection per address.
      for (let i = 0; i < 3; i++) peers.push(await open("203.0.113.1:2"));
      await eventually(
        () => listener.dropCounts.maxConnectionsPerAddress >= 2,
        "those beyond the limit are counted",
      );
      const stranger = await RawPeer.connect(listener.address);
      stranger.write(1, 2, 3);
      await Promise.race([stranger.ended, stranger.closed]);
      await eventually(
        () => listener.dropCounts.proxyHeaderMissing === 1,
        "it is counted",
      );
      for (const peer of [...peers, stranger]) peer.destroy();
      const bad = { trusted: ["nowhere"] };
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "echo", undefined, {
          proxyProtocol: bad,
        }),
        InvalidOptionError,
      );
    }));

  it("it fails with the error of the listen, and then no thread listens", () =>
    withAgents(2, async (_agents, threads) => {
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
      await endSoon(a);
      await exited.promise;
      const before = listener.spread[1];
      const peers = await openPeers(listener, 10);
      assert.equal(listener.spread[1] - before, 10);
      for (const peer of peers) peer.destroy();
    }, { onWorkerExit: exited.resolve });
  });

  it("an address that the adapter's sockets cannot have is refused", () =>
    withAgents(1, async (_agents, threads) => {
      const address = process.platform === "win32"
        ? "unix:/no/such.sock"
        : "unix:\\\\.\\pipe\\none";
      await assert.rejects(
        threads.listenAll(address, "echo"),
        UnsupportedTransportError,
      );
    }));

  if (process.platform !== "win32") {
    it("may be that of a Unix socket, which the main thread accepts at", () =>
      withAgents(2, async (_agents, threads) => {
        const path = `${tmpdir()}/reactio-${process.pid}.sock`;
        const address = `unix:${path}`;
        const options = { mode: 0o600 };
        const listener = await threads.listenAll(
          address,
          "echo",
          undefined,
          options,
        );
        assert.equal(listener.mode, "relay");
        assert.deepEqual(listener.address, { transport: "unix", path });
        assert.equal(lstatSync(path).mode & 0o777, options.mode);
        await assert.rejects(
          threads.listenAll(address, "echo"),
          AddressInUseError,
        );
        const peers = await openPeers(listener, 6);
        assert.deepEqual(listener.spread, [3, 3]);
        await listener.close();
        assert.equal(existsSync(path), false);
        peers[0].write(4);
        await peers[0].has(4);
        for (const peer of peers) peer.destroy();
      }));
  }

  for (
    const transport of process.platform === "win32" ? ["tcp"] : ["tcp", "unix"]
  ) {
    it(`that is under way when the threads are stopped fails, and leaves no socket: ${transport}`, () =>
      withAgents(2, async (_agents, threads) => {
        const runtime = new ReactRuntime();
        const handler = { onNewConnection: () => null };
        const taken = await runtime.listen("127.0.0.1:0", handler);
        const address = transport === "tcp"
          ? formatAddress(taken.address)
          : `unix:${tmpdir()}/reactio-${process.pid}-stop.sock`;
        await taken.close();
        const listening = assert.rejects(
          threads.listenAll(address, "echo"),
          RuntimeStoppedError,
        );
        await threads.stop({ graceMs: 0 });
        await listening;
        await runtime.listen(address, handler);
        await runtime.stop({ graceMs: 0 });
      }));
  }

  it("it fails while no thread is running, and says so", async () => {
    const failures: Promise<unknown>[] = [];
    let threads: Threads | undefined;
    const onWorkerExit = () => {
      const listening = threads!.listenAll("127.0.0.1:0", "echo");
      failures.push(listening.then(() => undefined, (error) => error));
    };
    await withAgents(1, async ([a], mgr) => {
      threads = mgr;
      await endSoon(a);
      await eventually(() => failures.length === 1, "it has ended");
      const error = await failures[0];
      assert.ok(error instanceof WorkerExitedError, String(error));
      assert.match(error.message, /^Cannot listen on 127\.0\.0\.1:0: /);
    }, { restart: true, onWorkerExit });
  });

  it("a port that they already listen on is refused, on all hosts and by every name, until it is closed", () =>
    withAgents(2, async (_agents, threads) => {
      const listener = await threads.listenAll("localhost:0", "echo");
      const { port } = asTcp(listener.address);
      const own = formatAddress(listener.address);
      for (
        const address of [
          own,
          ...["localhost", "0.0.0.0", "[::]"].map((host) => `${host}:${port}`),
        ]
      ) {
        await assert.rejects(
          threads.listenAll(address, "echo"),
          (error: Error) => {
            assert.ok(
              error instanceof AddressInUseError,
              `${address}: ${error}`,
            );
            assert.match(error.message, /Cannot listen on/);
            return true;
          },
        );
      }
      const [peer] = await openPeers(listener, 1); // the first goes on
      peer.destroy();
      await listener.close();
      const all = await threads.listenAll(`0.0.0.0:${port}`, "echo");
      await assert.rejects(
        threads.listenAll(`127.0.0.1:${port}`, "echo"),
        AddressInUseError,
      );
      await all.close();
      const both = await Promise.allSettled([
        threads.listenAll(`127.0.0.1:${port}`, "echo"),
        threads.listenAll(`127.0.0.1:${port}`, "echo"),
      ]);
      assert.deepEqual(
        both.map(({ status }) => status),
        ["fulfilled", "rejected"],
      );
    }));

  for (const host of loopbackHosts().filter((host) => host.startsWith("["))) {
    it(`${host} is listened on beside all hosts of IPv4, and served`, () =>
      withAgents(2, async (_agents, threads) => {
        const all = await threads.listenAll("0.0.0.0:0", "echo");
        const { port } = asTcp(all.address);
        const one = await threads.listenAll(`${host}:${port}`, "echo");
        const [peer] = await openPeers(one, 1);
        peer.destroy();
        assert.equal(sum(one.spread), 1);
        assert.equal(sum(all.spread), 0);
      }));
  }

  it("a factory that makes no handler, or a promise, fails it with InvalidReactorError", () =>
    withAgents(2, async ([a], threads) => {
      for (const factory of ["notHandlers", "rejects"] as const) {
        await assert.rejects(
          threads.listenAll("127.0.0.1:0", factory),
          InvalidReactorError,
        );
      }
      assert.ok((await a.ask({ item: "it lives" })).ok);
    }));

  it("a handler whose onStartListen throws fails it, and the threads go on and stop", () =>
    withAgents(2, async ([a], threads) => {
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "startThrows"),
        /onStartListen does not work/,
      );
      assert.ok((await a.ask({ item: "it lives" })).ok);
      await threads.stop({ graceMs: 60_000 });
    }));

  it("a main thread that is busy for longer than a time limit costs no connection", () =>
    withAgents(1, async (_agents, threads) => {
      const limitMs = 1000;
      const listener = await threads.listenAll("127.0.0.1:0", "greeting", {
        idleTimeoutMs: limitMs,
      });
      const peer = await connectAnsweringPeer(listener.address);
      const later = await RawPeer.connect(listener.address);
      await later.has(1); // so `peer` was greeted, too
      later.destroy();
      peer.begin();
      block(limitMs + 500);
      const count = peer.answeredCount;
      await eventually(() => peer.answeredCount > count + 1, "it is served");
    }, STEADY));

  it("the parameter is read once, copied when it is called, and only the bytes that a view shows", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a], threads) => {
      let reads = 0;
      const bytes = new Uint8Array(new ArrayBuffer(100), 10, 2);
      const listener = await threads.listenAll("127.0.0.1:0", "param", {
        get bytes() {
          if (reads++ > 2) throw new Error("read again");
          return bytes;
        },
      });
      const before = reads;
      await endSoon(a);
      await exited.promise;
      await eventually(() => {
        threads.getCmdSender(1).sendConnect(listener.address, "sink");
        return listener.spread[0] > 0;
      }, "the one that is restarted listens");
      assert.equal(reads, before);
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "param", {
          get bytes(): never {
            throw new RangeError("thrown");
          },
        }),
        (error: Error) => {
          assert.ok(error instanceof NotCloneableError);
          assert.ok(error.cause instanceof RangeError);
          return true;
        },
      );
      await assert.rejects(
        threads.listenAll("127.0.0.1:0", "param", (() => {}) as never),
        NotCloneableError,
      );
    }, { restart: true, onWorkerExit: exited.resolve });
  });

  it("a thread that is restarted while the listener closes does not listen", async () => {
    const exited = signal<WorkerExit>();
    await withAgents(2, async ([a], threads, home) => {
      const listener = await threads.listenAll("127.0.0.1:0", "echo");
      await endSoon(a);
      await exited.promise;
      await listener.close();
      const again = await home.add(0);
      const count = await again.run((agent) =>
        agent.thread.runtime.reactorCount
      );
      assert.equal(count, 1, "the agent alone");
      await RawPeer.dropped(listener.address);
    }, { restart: true, onWorkerExit: exited.resolve });
  });
});
