import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import {
  CommandCancelledError,
  type CommandResult,
  ConnectionRefusedError,
  DefaultTcpListenerHandler,
  formatAddress,
  type ListenerHandle,
  type ReactRuntime,
} from "../../mod.ts";
import { asTcp } from "../support/tcp.ts";
import { type CountingAdapter, withCounting } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { sink } from "./support.ts";

/**
 * Addresses where connects never complete; the tested adapter is not even
 * called.
 */
const DEAF = ["192.0.2.1", "2001:db8::1"];

/** TCP cannot connect there. */
const BROADCAST = "255.255.255.255";

/** A connect to a name resolves it, and races its addresses. */
export function namePromises(environment: Environment): void {
  const { adapter, anyPort, eventually, hosts } = environment;
  const found = hosts.map((host) => host.replace(/[[\]]/g, ""))
    .filter((host) => !host.startsWith("fe80"));

  function listen(
    runtime: ReactRuntime<string>,
    address: string,
  ): Promise<ListenerHandle> {
    return runtime.listen(
      address,
      new DefaultTcpListenerHandler(() => sink<string>()),
    );
  }

  /**
   * Runs `body` with a listener, and the name `db` with the addresses `before`
   * and then the listener's.
   */
  function withName(
    before: readonly string[],
    body: (
      parts: {
        readonly runtime: ReactRuntime<string>;
        readonly counting: CountingAdapter;
        readonly hostname: string;
        readonly address: string;
        readonly listener: ListenerHandle;
      },
    ) => Promise<void>,
  ): Promise<void> {
    return withCounting(environment, async (runtime, counting) => {
      const listener = await listen(runtime, anyPort);
      const { hostname, port } = asTcp(listener.address);
      counting.names.set("db", [...before, hostname]);
      for (const deaf of DEAF) counting.deaf.add(deaf);
      const address = `db:${port}`;
      await body({ runtime, counting, hostname, address, listener });
    });
  }

  describe(`${adapter.name}: names`, () => {
    it("localhost is looked up, and reaches this machine", () =>
      withCounting(environment, async (runtime, counting) => {
        const listener = await listen(runtime, "127.0.0.1:0");
        const { port } = asTcp(listener.address);
        const client = await runtime.connect(`localhost:${port}`, sink());
        assert.deepEqual(client.remoteAddress, listener.address);
        assert.deepEqual(counting.lookups, ["localhost"]);
        assert.equal(counting.connects.at(-1), "127.0.0.1");
      }));

    it("literal addresses are not looked up", () =>
      withCounting(environment, async (runtime, counting) => {
        for (const host of hosts) {
          const { address } = await listen(runtime, `${host}:0`);
          await runtime.connect(address, sink());
        }
        assert.deepEqual(counting.lookups, []);
        assert.equal(counting.connectCount, hosts.length);
      }));

    it("an address that does not answer does not delay the next for long, whose socket the reactor gets", () =>
      withName(DEAF, async ({ runtime, counting, hostname, address }) => {
        const client = watched<string>();
        const start = adapter.clock.now();
        await runtime.connect(address, client.reactor);
        const elapsed = adapter.clock.now() - start;
        const { socket } = await client.connected;
        assert.equal(asTcp(socket.remoteAddress).hostname, hostname);
        // The families alternate.
        assert.deepEqual(counting.connects, [
          ...DEAF.slice(0, 2),
          hostname,
        ]);
        assert.ok(elapsed >= 2 * 250 - 1, `${elapsed} ms`);
      }));

    it("an address that fails leads to the next at once", () =>
      withName(
        [BROADCAST],
        async ({ runtime, counting, hostname, address }) => {
          const client = await runtime.connect(address, sink());
          assert.equal(asTcp(client.remoteAddress).hostname, hostname);
          assert.deepEqual(counting.connects, [BROADCAST, hostname]);
        },
      ));

    it("if all refuse, the error says so, and names them all", () =>
      withName([], async ({ runtime, counting, listener }) => {
        counting.names.set("db", found);
        const { port } = asTcp(listener.address);
        await listener.close();
        await assert.rejects(
          runtime.connect({ hostname: "db", port }, sink()),
          (error: Error) => {
            assert.ok(error instanceof ConnectionRefusedError, String(error));
            for (const one of [`db:${port}`, ...found]) {
              assert.ok(error.message.includes(one), error.message);
            }
            return true;
          },
        );
        assert.deepEqual(counting.connects, found);
      }));

    it("a connect whose name is looked up, or whose addresses race, can be cancelled", () =>
      withName(DEAF, async ({ runtime, counting, address }) => {
        const client = watched<string>();
        for (const isRacing of [false, true]) {
          const results: CommandResult[] = [];
          const before = counting.connectCount;
          const id = runtime.cmdSender.sendConnect(address, client.reactor, {
            completion: (result) => void results.push(result),
          });
          await eventually(
            () =>
              isRacing
                ? counting.connectCount > before
                : counting.lookups.length > 0,
            "it has begun",
          );
          assert.equal(runtime.cmdSender.cancel(id), true);
          await eventually(() => results.length > 0, "it is told");
          const [result] = results;
          assert.ok(
            !result.ok && result.error instanceof CommandCancelledError,
          );
          counting.lookups.length = 0;
        }
        assert.deepEqual(client.calls, []);
      }));

    it("what follows a look-up sees no store of the caller", () =>
      withCounting(environment, async (runtime) => {
        const storage = new AsyncLocalStorage<string>();
        const stores: (string | undefined)[] = [];
        const { address } = await listen(runtime, "127.0.0.1:0");
        const { port } = asTcp(address);
        for (const hostname of ["localhost", "no-such-name.invalid"]) {
          storage.run("alice", () =>
            runtime.cmdSender.sendConnect(
              { hostname, port },
              sink<string>({
                onConnected: () => void stores.push(storage.getStore()),
              }),
              { completion: () => void stores.push(storage.getStore()) },
            ));
        }
        await eventually(() => stores.length === 3, formatAddress(address));
        assert.deepEqual(stores, [undefined, undefined, undefined]);
      }));
  });
}
