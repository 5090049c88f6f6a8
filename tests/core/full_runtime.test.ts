import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  type AddressLike,
  hostAdapter,
  ResourcesExhaustedError,
  SimNetwork,
} from "../../mod.ts";
import { Engine } from "../../src/core/engine.ts";
import type { OpenCallbacks } from "../../src/core/open_callbacks.ts";
import type { ListenerState } from "../../src/core/listener_state.ts";
import { ANY_PORT, logging, PeerLines, sink } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";

const MAX_REACTORS = 3;

const AT_ONCE = { drainMs: 0, graceMs: 0 };

/** What became of what `begin` began. */
function settled<Opened>(
  begin: (callbacks: OpenCallbacks<Opened>) => void,
): Promise<Opened> {
  return new Promise((resolve, reject) =>
    begin({ succeed: resolve, fail: reject })
  );
}

function listen(
  engine: Engine<unknown>,
  address: string,
): Promise<ListenerState<unknown>> {
  const handler = { onNewConnection: () => ({ reactor: sink() }) };
  return settled((callbacks) =>
    engine.connector.binder.listen(address, handler, {}, callbacks)
  );
}

const adapters: Record<string, () => Adapter> = {
  "the host's sockets": hostAdapter,
  "a simulated network": () => new SimNetwork().host("host").adapter,
};

for (const [where, newAdapter] of Object.entries(adapters)) {
  describe(`a runtime that is full, on ${where}`, () => {
    it("refuses to listen with ResourcesExhaustedError, and the port is free again", async () => {
      const adapter = newAdapter();
      const full = new Engine(adapter, {}, MAX_REACTORS);
      const other = new Engine(adapter, {});
      for (let i = 0; i < MAX_REACTORS; i++) await listen(full, ANY_PORT);
      const probe = await listen(other, ANY_PORT);
      const { port } = asTcp(probe.address);
      await other.stop(AT_ONCE);
      const address = `127.0.0.1:${port}`;
      await assert.rejects(listen(full, address), ResourcesExhaustedError);
      const again = new Engine(adapter, {});
      await listen(again, address);
      await again.stop(AT_ONCE);
      assert.equal(full.reactorCount, MAX_REACTORS);
      await full.stop(AT_ONCE);
      assert.equal(full.isBusy, false);
    });

    it("refuses to connect, drops what comes in, tells of that, and goes on", async () => {
      const adapter = newAdapter();
      const full = new Engine(adapter, {}, MAX_REACTORS);
      const other = new Engine(adapter, {});
      const log = new PeerLines();
      try {
        await logging(log.sink, async () => {
          const listener = await listen(full, ANY_PORT);
          const place = listener.address;
          const otherPlace = (await listen(other, ANY_PORT)).address;
          const connect = (engine: Engine<unknown>, to: AddressLike) =>
            settled<unknown>((callbacks) =>
              engine.connector.connect(to, sink(), {}, callbacks)
            );
          const ids = [
            await connect(full, otherPlace),
            await connect(full, otherPlace),
          ];
          await assert.rejects(
            connect(full, otherPlace),
            ResourcesExhaustedError,
          );
          // Whoever is dropped as soon as this may not even be connected.
          await connect(other, place).catch(() => {});
          while (log.count === 0) {
            await new Promise((resolve) =>
              adapter.clock.setTimer(() => resolve(0), 1)
            );
          }
          assert.equal(full.connectionCount, ids.length);
          assert.equal(listener.dropCounts.noRoom, 1);
        });
        const [{ parts }] = log.lines;
        assert.match(
          parts.join(" "),
          /dropped a connection .*ResourcesExhaustedError/,
        );
      } finally {
        await Promise.all([full.stop(AT_ONCE), other.stop(AT_ONCE)]);
      }
      assert.equal(full.reactorCount, 0);
    });
  });
}
