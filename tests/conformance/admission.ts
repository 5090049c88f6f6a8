import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DropReason,
  InvalidReactorError,
  type ListenerHandle,
  type ListenOptions,
  LogLevel,
  type ReactRuntime,
  type SocketAddress,
  type TcpListenerHandler,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { echo, logging, PeerLines, withRuntime } from "./support.ts";

type Drop = [DropReason, SocketAddress, Error | undefined];

/** Which connections a listener admits, and what happens to the others. */
export function doorPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, dropped, eventually } = environment;

  /**
   * Runs `body` with a listener that echoes, and a record of its `onDrop`
   * calls.
   */
  async function withListener(
    options: ListenOptions,
    handlers: Partial<TcpListenerHandler>,
    body: (
      listener: ListenerHandle,
      drops: Drop[],
      runtime: ReactRuntime,
    ) => Promise<void>,
  ): Promise<PeerLines> {
    const log = new PeerLines();
    const drops: Drop[] = [];
    await logging(log.sink, () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => ({ reactor: echo() }),
          onDrop: (...[reason, remote, listening, error]) => {
            assert.equal(listening.id, listener.id);
            drops.push([reason, remote, error]);
          },
          ...handlers,
        }, options);
        await body(listener, drops, runtime);
      }));
    return log;
  }

  async function openPeer({ address }: ListenerHandle) {
    const peer = await connectPeer(address);
    peer.write(1);
    await peer.has(1);
    return peer;
  }

  describe(`${adapter.name}: limits of a listener`, () => {
    it("maxConnectionsPerAddress drops further connections of one address, and reports that address, until one of them has closed", async () => {
      const log = await withListener(
        { maxConnectionsPerAddress: 2 },
        {},
        async (listener, drops, runtime) => {
          const first = await openPeer(listener);
          const second = await openPeer(listener);
          await dropped(listener.address);
          await dropped(listener.address);
          first.end();
          await first.closed;
          const hasClosed = () => runtime.connectionCount === 1;
          await eventually(hasClosed, "one has closed");
          const fifth = await openPeer(listener);
          assert.deepEqual(
            drops.map(([reason]) => reason),
            Array(2).fill("maxConnectionsPerAddress"),
          );
          for (const [, remote] of drops) assert.equal(remote.transport, "tcp");
          const { dropCounts, dropCount, connectionCount } = listener;
          assert.equal(dropCounts.maxConnectionsPerAddress, 2);
          assert.equal(dropCount, 2);
          assert.equal(connectionCount, 2);
          second.destroy();
          fifth.destroy();
        },
      );
      const lines = log.lines.map(({ parts }) => parts.join(" "));
      assert.equal(lines.length, 2);
      assert.match(lines[0], /dropped .*: maxConnectionsPerAddress is 2$/);
    });

    it("acceptsPerSecond admits a burst, then that many per second; the rest is dropped, counted and reported", async () => {
      const count = 20;
      const burst = 3;
      const log = await withListener(
        { acceptsPerSecond: 1, acceptBurst: burst },
        {},
        async (listener, drops) => {
          let acceptedCount = 0;
          const begin = adapter.clock.now();
          for (let i = 0; i < count; i++) {
            const peer = await connectPeer(listener.address);
            peer.write(1);
            await Promise.race([peer.has(1), peer.ended, peer.closed]);
            acceptedCount += peer.received;
            peer.destroy();
          }
          const seconds = (adapter.clock.now() - begin) / 1000;
          assert.ok(acceptedCount >= burst, `${acceptedCount}`);
          assert.ok(acceptedCount <= burst + seconds, `${acceptedCount}`);
          assert.equal(acceptedCount + listener.dropCount, count);
          assert.equal(drops.length, listener.dropCounts.acceptsPerSecond);
          assert.equal(drops.length, listener.dropCount);
        },
      );
      assert.ok(log.count > 0);
      assert.match(
        log.lines[0].parts.join(" "),
        /dropped .*: acceptsPerSecond is 1$/,
      );
    });

    it("drops are counted by reason, and dropCount is their sum; a connection that the handler refuses with null is not one", async () => {
      let next = 0;
      const handlers: Partial<TcpListenerHandler> = {
        onNewConnection() {
          switch (next++) {
            case 0:
              return null;
            case 1:
              throw new Error("not this one");
            case 2:
              return { reactor: {} as never };
            default:
              return { reactor: echo() };
          }
        },
      };
      await withListener(
        { maxConnections: 1 },
        handlers,
        async (listener, drops) => {
          for (let i = 0; i < 3; i++) await dropped(listener.address);
          const peer = await openPeer(listener);
          await dropped(listener.address);
          const reasons = drops.map(([reason]) => reason);
          assert.deepEqual(reasons, [
            "handlerFailed",
            "handlerFailed",
            "maxConnections",
          ]);
          const errors = drops.map(([, , error]) => error);
          assert.equal(errors[0]?.message, "not this one");
          assert.ok(errors[1] instanceof InvalidReactorError);
          assert.equal(errors[2], undefined);
          const { dropCounts } = listener;
          assert.equal(dropCounts.handlerFailed, 2);
          assert.equal(dropCounts.maxConnections, 1);
          assert.equal(listener.dropCount, 3);
          peer.destroy();
        },
      );
    });

    it("an onDrop that throws or rejects is logged in one line, and the listener goes on", async () => {
      const log = await withListener(
        { maxConnections: 1 },
        {
          onDrop(_reason, _remote, { dropCount }) {
            const error = new Error("no drop");
            if (dropCount === 1) throw error;
            return Promise.reject(error) as never;
          },
        },
        async (listener, _drops, runtime) => {
          const peer = await openPeer(listener);
          await dropped(listener.address);
          await dropped(listener.address);
          assert.equal(listener.dropCount, 2);
          peer.end();
          await peer.closed;
          await eventually(() => runtime.connectionCount === 0, "it is closed");
          (await openPeer(listener)).destroy();
        },
      );
      const lines = log.lines.filter(({ level, parts }) =>
        level === LogLevel.Warn &&
        /onDrop failed: Error: no drop/.test(`${parts[0]}`)
      );
      assert.equal(lines.length, 2);
    });
  });
}
