import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { Deferred, MessageResult, type Reactor } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve } from "./peers.ts";
import { pattern, withRuntime } from "./support.ts";

const USERS = ["alice", "bob"] as const;
const MIB = 2 ** 20;
const ONE = Uint8Array.of(1);

/** Records whose store is found where. */
class Stores {
  readonly #storage = new AsyncLocalStorage<string>();
  /** The names of the callbacks, once per call. */
  readonly calls: string[] = [];
  /** Where a store was found, and whose it was. */
  readonly found: string[] = [];

  /** Runs `act` in the async context of `user`. */
  as<Result>(user: string, act: () => Result): Result {
    return this.#storage.run(user, act);
  }

  /** Creates a callback that records its call, and the store that it finds. */
  noting(what: string): () => void {
    return () => {
      this.calls.push(what);
      const store = this.#storage.getStore();
      if (store !== undefined) this.found.push(`${what}: that of ${store}`);
    };
  }

  count(what: string): number {
    return this.calls.filter((call) => call === what).length;
  }

  /**
   * A reactor whose handlers record the stores that they find. It drops
   * messages.
   */
  reactor(name: string): Reactor<string> {
    const told = (handler: string) => this.noting(`${handler} of ${name}`);
    const onInboundMessage = told("onInboundMessage");
    return {
      onConnected: told("onConnected"),
      onInboundMessage(buf) {
        onInboundMessage();
        return MessageResult.dropMsgSize(buf.length);
      },
      onCommand: told("onCommand"),
      onClose: told("onClose"),
    };
  }
}

/** Callbacks run in no async context, because many users are served at once. */
export function contextPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;
  describe(`${adapter.name}: asynchronous contexts`, () => {
    it("a command's handler and completion see no store, immediate or deferred, whoever requested the turn", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const { serverCtx } = await openPair(
          environment,
          runtime,
          stores.reactor("server"),
        );
        const { cmdSender } = runtime;
        const { id } = serverCtx;
        for (const deferred of [Deferred.immediate, Deferred.after(5)]) {
          for (const user of USERS) {
            stores.as(user, () => {
              cmdSender.sendUserCmd(id, "", { deferred });
              cmdSender.sendUserCmd(id, "", {
                deferred,
                completion: stores.noting("completion"),
              });
            });
          }
        }
        await eventually(() => stores.count("completion") === 4, "completed");
        await eventually(
          () => stores.count("onCommand of server") === 8,
          "carried out",
        );
        assert.deepEqual(stores.found, []);
      }));

    it("a runtime that a program drives in its own context calls handlers in no store", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const { serverCtx } = await openPair(
          environment,
          runtime,
          stores.reactor("server"),
        );
        const poll = () => runtime.processEvents({ timeoutMs: 5 });
        await poll();
        for (const deferred of [Deferred.immediate, Deferred.after(5)]) {
          stores.as(
            "alice",
            () =>
              runtime.cmdSender.sendUserCmd(serverCtx.id, "", {
                deferred,
                completion: stores.noting("completion"),
              }),
          );
        }
        while (stores.count("completion") < 2) {
          await stores.as("bob", poll);
        }
        assert.equal(stores.count("onCommand of server"), 2);
        assert.deepEqual(stores.found, []);
      }));

    it("connects, accepts and closes by command see no store", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const { cmdSender } = runtime;
        const address = await stores.as(
          "carol",
          () =>
            serve(environment, runtime, () => {
              stores.noting("onNewConnection")();
              return stores.reactor("server");
            }),
        );
        for (const user of USERS) {
          stores.as(
            user,
            () =>
              cmdSender.sendConnect(address, stores.reactor("client"), {
                completion(result) {
                  stores.noting("connected")();
                  assert.ok(result.ok);
                  stores.as(`${user} again`, () =>
                    cmdSender.sendClose(result.reactorId, {
                      completion: stores.noting("closed"),
                    }));
                },
              }),
          );
        }
        await eventually(() => stores.count("closed") === 2, "closed");
        await eventually(
          () => stores.count("onClose of server") === 2,
          "closed there",
        );
        for (
          const what of [
            "onNewConnection",
            "onConnected of server",
            "onConnected of client",
            "onClose of client",
          ]
        ) assert.equal(stores.count(what), 2, what);
        assert.deepEqual(stores.found, []);
      }));

    it("sends of two on one connection are completed, and received, in no store, small and large", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const { serverCtx, clientCtx } = await openPair(
          environment,
          runtime,
          stores.reactor("server"),
          stores.reactor("client"),
        );
        let count = 0;
        for (const size of [1, 4 * MIB, 1, 100_000]) {
          for (const user of USERS) {
            count += 2;
            stores.as(user, () => {
              for (const ctx of [serverCtx, clientCtx]) {
                const completion = stores.noting("sent");
                ctx.sendOrQueue(pattern(0, size), completion);
              }
            });
          }
          await eventually(() => stores.count("sent") === count, "sent");
        }
        await sleep(5);
        assert.ok(stores.count("onInboundMessage of server") > 0);
        assert.ok(stores.count("onInboundMessage of client") > 0);
        assert.deepEqual(stores.found, []);
      }));

    it("sends that wait for a peer are completed in no store when it reads, or when somebody aborts", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        for (const isAborted of [false, true]) {
          const stores = new Stores();
          const { serverCtx, clientCtx } = await openPair(
            environment,
            runtime,
            stores.reactor("server"),
            stores.reactor("client"),
          );
          clientCtx.pauseReading();
          for (const user of USERS) {
            stores.as(user, () =>
              serverCtx.sendOrQueue(
                pattern(0, 16 * MIB),
                stores.noting("sent"),
              ));
          }
          await sleep(5);
          stores.as("carol", () => {
            if (isAborted) serverCtx.abort();
            clientCtx.resumeReading();
          });
          await eventually(() => stores.count("sent") === 2, "told");
          stores.as("carol", () => clientCtx.close());
          await eventually(
            () =>
              stores.count("onClose of server") === 1 &&
              stores.count("onClose of client") === 1,
            "closed",
          );
          assert.deepEqual(stores.found, []);
        }
      }));

    it("data read after a resumeReading sees no store, on that connection and on others", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => ({
            reactor: {
              ...stores.reactor("server"),
              onConnected(ctx) {
                contexts.push(ctx);
                ctx.pauseReading();
              },
            },
          }),
        });
        const contexts: Parameters<
          NonNullable<Reactor<string>["onConnected"]>
        >[0][] = [];
        const address = listener.address;
        const peers = [await connectPeer(address), await connectPeer(address)];
        await eventually(() => contexts.length === 2, "accepted");
        for (const peer of peers) peer.write(1);
        await sleep(20);
        USERS.forEach((user, i) =>
          stores.as(user, () => contexts[i].resumeReading())
        );
        const what = "onInboundMessage of server";
        await eventually(() => stores.count(what) === 2, "both are read");
        for (const peer of peers) peer.write(2);
        await eventually(() => stores.count(what) === 4, "read again");
        for (const peer of peers) peer.end();
        await eventually(
          () => stores.count("onClose of server") === 2,
          "closed",
        );
        for (const peer of peers) await peer.closed;
        assert.deepEqual(stores.found, []);
      }));

    it("onClose sees no store when a time limit has expired", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const stores = new Stores();
        const address = await serve(
          environment,
          runtime,
          () => stores.reactor("server"),
        );
        for (const user of USERS) {
          void stores.as(
            user,
            () =>
              runtime.connect(address, stores.reactor("client"), {
                idleTimeoutMs: 20,
              }),
          );
        }
        const what = "onClose of client";
        await eventually(() => stores.count(what) === 2, "both are over");
        assert.deepEqual(stores.found, []);
      }));

    it("a store entered by enterWith ends with its turn", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const storage = new AsyncLocalStorage<string>();
        const found: (string | undefined)[] = [];
        const { serverCtx, clientCtx } = await openPair<string>(
          environment,
          runtime,
          {
            onCommand(cmd) {
              found.push(storage.getStore());
              storage.enterWith(cmd);
            },
            onInboundMessage(buf) {
              found.push(storage.getStore());
              return MessageResult.dropMsgSize(buf.length);
            },
          },
        );
        const { id } = serverCtx;
        for (let i = 1; i <= 3; i++) {
          runtime.cmdSender.sendUserCmd(id, `store ${i}`);
          await eventually(() => found.length === 2 * i - 1, "carried out");
          clientCtx.sendOrQueue(ONE);
          await eventually(() => found.length === 2 * i, "received");
        }
        assert.deepEqual(found, Array(6).fill(undefined));
      }));
  });
}
