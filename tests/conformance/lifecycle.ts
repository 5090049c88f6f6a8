import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandNotSupportedError,
  type CommandResult,
  ConnectError,
  DefaultTcpListenerHandler,
  INVALID_REACTOR_ID,
  type ReactorID,
  ReactorNotFoundError,
  type SocketAddress,
  UNKNOWN_ADDRESS,
} from "../../mod.ts";
import { closingPromises } from "./closing.ts";
import { deadlinePromises } from "./deadlines.ts";
import { doorPromises } from "./admission.ts";
import { drainPromises } from "./draining.ts";
import type { Environment } from "./environment.ts";
import { handlerPromises } from "./handlers.ts";
import { idleConnectionPromises } from "./idle_connections.ts";
import { openPair, serve, watched } from "./peers.ts";
import { stopPromises } from "./stopping.ts";
import {
  echo,
  quietly,
  signal,
  sink,
  withRuntime,
  withTwoRuntimes,
} from "./support.ts";

/** The lifecycles of reactors and listeners. */
export function lifecyclePromises(environment: Environment): void {
  openingPromises(environment);
  doorPromises(environment);
  idPromises(environment);
  handlerPromises(environment);
  closingPromises(environment);
  idleConnectionPromises(environment);
  deadlinePromises(environment);
  stopPromises(environment);
  drainPromises(environment);
}

function openingPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, dropped, eventually } = environment;
  describe(`${adapter.name}: opening`, () => {
    it("onConnected gets the listener's id at the accepting end, none at the other", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: Record<string, ReactorID> = {};
        const accepted = signal();
        const listener = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler(() =>
            sink({
              onConnected(_ctx, listenerId) {
                seen.server = listenerId;
                accepted.resolve();
              },
            })
          ),
        );
        await runtime.connect(
          listener.address,
          sink({
            onConnected: (_ctx, listenerId) => void (seen.client = listenerId),
          }),
        );
        await accepted.promise;
        assert.deepEqual(seen, {
          server: listener.id,
          client: INVALID_REACTOR_ID,
        });
      }));

    it("a throw in onConnected fails the connect with that very error and closes the connection once", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const server = watched();
          const address = await serve(
            environment,
            runtime,
            () => server.reactor,
          );
          const error = new Error("no, thanks");
          const client = watched({
            onConnected() {
              throw error;
            },
          });
          const completed = signal<CommandResult>();
          runtime.cmdSender.sendConnect(address, client.reactor, {
            completion: completed.resolve,
          });
          assert.deepEqual(await completed.promise, { ok: false, error });
          assert.equal(await client.closed, error);
          assert.equal(await server.closed, undefined, "the peer sees the end");
          await assert.rejects(
            runtime.connect(address, client.reactor),
            (thrown) => thrown === error,
          );
          await eventually(() => client.calls.length === 4, "closed again");
          assert.deepEqual(client.calls.slice(0, 2), [
            "onConnected",
            "onClose",
          ]);
        })
      ));

    it("a throw in onConnected of an accepted connection ends it at the peer; the listener goes on", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const error = new Error("no, thanks");
          const refused = watched({
            onConnected() {
              throw error;
            },
          });
          const address = await serve(
            environment,
            runtime,
            (count) => count === 1 ? refused.reactor : echo(),
          );
          const first = await connectPeer(address);
          await first.ended;
          first.end();
          assert.equal(await refused.closed, error);
          assert.deepEqual(refused.calls, ["onConnected", "onClose"]);
          const second = await connectPeer(address);
          second.write(1);
          await second.has(1);
        })
      ));

    it("onNewConnection drops a connection by null, a throw, or no reactor; the listener goes on", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          let count = 0;
          const listener = await runtime.listen(anyPort, {
            onNewConnection() {
              switch (++count) {
                case 1:
                  return null;
                case 2:
                  throw new Error("not this one");
                case 3:
                  return { reactor: {} as never };
                case 4:
                  return { reactor: sink(), maxMessageSize: -1 };
                default:
                  return { reactor: echo() };
              }
            },
          });
          const address = listener.address;
          for (let i = 1; i <= 4; i++) {
            await dropped(address);
            assert.equal(count, i);
          }
          assert.equal(runtime.connectionCount, 0);
          const served = await connectPeer(address);
          served.write(1);
          await served.has(1);
        })
      ));

    it("a throw in onStartListen fails the listen with that very error and closes the listener", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const error = new Error("not here");
          const reasons: unknown[] = [];
          let address: SocketAddress = UNKNOWN_ADDRESS;
          await assert.rejects(
            runtime.listen(anyPort, {
              onStartListen(listener) {
                address = listener.address;
                throw error;
              },
              onNewConnection: () => null,
              onCloseListen: (reason) => void reasons.push(reason),
            }),
            (thrown) => thrown === error,
          );
          await eventually(() => reasons.length > 0, "onCloseListen");
          assert.deepEqual(reasons, [error]);
          assert.equal(runtime.reactorCount, 0);
          await assert.rejects(
            runtime.connect(address, sink()),
            ConnectError,
          );
        })
      ));

    it("maxConnections drops further connections, until one has closed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler(() => echo()),
          { maxConnections: 2 },
        );
        const address = listener.address;
        const first = await connectPeer(address);
        const second = await connectPeer(address);
        for (const peer of [first, second]) {
          peer.write(1);
          await peer.has(1);
        }
        await dropped(address);
        first.end();
        await first.closed;
        await eventually(() => runtime.connectionCount === 1, "one has closed");
        const fourth = await connectPeer(address);
        fourth.write(1);
        await fourth.has(1);
        second.write(1);
        await second.has(2);
      }));

    it("connectionCount is the number of open connections of the listener", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const counts: number[] = [];
        const listener = await runtime.listen(anyPort, {
          onNewConnection(listening) {
            counts.push(listening.connectionCount);
            return { reactor: echo() };
          },
        });
        const address = listener.address;
        const first = await connectPeer(address);
        await connectPeer(address);
        await eventually(() => counts.length === 2, "two are accepted");
        first.end();
        await first.closed;
        await eventually(() => runtime.connectionCount === 1, "one has closed");
        await connectPeer(address);
        await eventually(() => counts.length === 3, "three are accepted");
        assert.deepEqual(counts, [0, 1, 1]);
      }));

    it("a closed listener leaves its connections open, and its port can be listened on again", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const reasons: unknown[] = [];
        const inner = new DefaultTcpListenerHandler(() => echo());
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => inner.onNewConnection(),
          onCloseListen: (reason) => void reasons.push(reason),
        });
        const address = listener.address;
        const peer = await connectPeer(address);
        peer.write(1);
        await peer.has(1);
        const closed = signal<CommandResult>();
        runtime.cmdSender.sendClose(listener, {
          completion(result) {
            assert.equal(reasons.length, 1, "onCloseListen comes first");
            closed.resolve(result);
          },
        });
        assert.deepEqual(await closed.promise, {
          ok: true,
          reactorId: listener.id,
        });
        assert.deepEqual(reasons, [undefined]);
        await assert.rejects(
          runtime.connect(address, sink()),
          ConnectError,
        );
        peer.write(2);
        await peer.has(2);
        const again = await runtime.listen(
          address,
          new DefaultTcpListenerHandler(() => echo()),
        );
        assert.notEqual(again.id, listener.id);
        assert.deepEqual(again.address, address);
        const other = await connectPeer(address);
        other.write(1);
        await other.has(1);
      }));
  });
}

function idPromises(environment: Environment): void {
  const { adapter, anyPort, eventually, playsMost } = environment;
  const reuses = playsMost ? 1000 : 200;
  describe(`${adapter.name}: ids`, () => {
    it(`an id is never reused and never reaches a successor, over ${reuses} connections`, () =>
      quietly(() =>
        withRuntime<string>(adapter, {}, async (runtime) => {
          const commands: string[] = [];
          const used: ReactorID[] = [];
          const address = await serve(environment, runtime, () => sink());
          const open = async () => {
            const ids = await Promise.all(
              Array.from({ length: 20 }, () =>
                runtime.connect(
                  address,
                  sink({ onCommand: (cmd: string) => void commands.push(cmd) }),
                ).then(({ id }) => id)),
            );
            await eventually(() => runtime.connectionCount === 40, "accepted");
            return ids;
          };
          for (let round = 0; round < reuses / 20; round++) {
            for (const id of await open()) {
              used.push(id);
              runtime.cmdSender.sendClose(id, { abort: true });
            }
            await eventually(() => runtime.connectionCount === 0, "all closed");
          }
          assert.equal(new Set(used).size, reuses);
          const successors = await open();
          assert.ok(!successors.some((id) => used.includes(id)));
          const results = await Promise.all(
            used.map((id) =>
              new Promise<CommandResult>((completion) => {
                runtime.cmdSender.sendUserCmd(id, "stray", { completion });
                runtime.cmdSender.sendClose(id);
              })
            ),
          );
          for (const result of results) {
            assert.ok(
              !result.ok && result.error instanceof ReactorNotFoundError,
            );
          }
          assert.deepEqual(commands, []);
          assert.equal(runtime.connectionCount, 40);
        })
      ));

    it("an id fails from onClose on; ids of another runtime or of none find nothing", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const results: CommandResult[] = [];
          const { clientCtx, client } = await openPair(
            environment,
            runtime,
            {},
            {
              onCommand() {},
              onClose(_reason, ctx) {
                ctx.cmdSender.sendUserCmd(ctx.id, "too late", {
                  completion: (result) => results.push(result),
                });
              },
            },
          );
          for (const id of [0, -1, 2 ** 53, NaN, undefined, "1"]) {
            runtime.cmdSender.sendUserCmd(id as ReactorID, "stray", {
              completion: (result) => results.push(result),
            });
          }
          clientCtx.close();
          await client.closed;
          await eventually(() => results.length === 7, "7 results");
          for (const result of results) {
            assert.ok(
              !result.ok && result.error instanceof ReactorNotFoundError,
            );
          }
        })
      ));

    it("commands to a listener, or to a reactor without onCommand, fail with CommandNotSupportedError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(
          anyPort,
          new DefaultTcpListenerHandler(() => sink()),
        );
        const client = await runtime.connect(
          listener.address,
          sink(),
        );
        let closedCount = 0;
        for (const id of [listener, client]) {
          void id.whenClosed.then(() => closedCount++);
          const result = await new Promise<CommandResult>((completion) =>
            runtime.cmdSender.sendUserCmd(id, "?", { completion })
          );
          assert.ok(
            !result.ok && result.error instanceof CommandNotSupportedError,
          );
          assert.equal(closedCount, 0, "it goes on");
        }
      }));

    it("two runtimes on one adapter do not know each other's reactors", () =>
      withTwoRuntimes(adapter, async (runtime, other) => {
        const address = await serve(environment, runtime, () => echo());
        const peer = watched();
        await other.connect(address, peer.reactor);
        assert.equal(other.reactorCount, 1);
        await eventually(() => runtime.reactorCount === 2, "accepted");
        await other.stop();
        await eventually(() => runtime.reactorCount === 1, "closed");
        assert.ok(await peer.closed);
      }));
  });
}
