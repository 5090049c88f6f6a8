import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CodecError,
  CommandNotSupportedError,
  fixed,
  type ReactRuntime,
  RequestTimeoutError,
  serve,
  type ServedPeer,
  type ServeOptions,
  type UserCommandResult,
} from "../../mod.ts";
import { bytesOf, type Call, call, calls, valuesOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import {
  ByHand,
  type Handler,
  openServer,
  range,
  received,
  type ServerOptions,
} from "./by_hand.ts";
import type { Environment } from "./environment.ts";
import { logging, PeerLines, quietly, signal, withRuntime } from "./support.ts";

/** How requests are answered. */
export function servingPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;

  const open = (
    runtime: ReactRuntime,
    handler: Handler,
    options?: ServerOptions,
  ) => openServer(environment, runtime, handler, options);

  describe(`${adapter.name}: serve`, () => {
    it("sends the answers of a synchronous handler in order, whatever the order option", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const order of ["request", "any"] as const) {
          const handler: Handler = ({ value }) => call(value + 1);
          const { server, peer } = await open(runtime, handler, { order });
          peer.send(bytesOf(...range(500).map((value) => call(value))));
          await received(peer, 500);
          assert.deepEqual(valuesOf(peer.chunks), range(500, 1));
          assert.equal(server.requestCount, 500);
          assert.equal(server.activeCount, 0);
        }
      }));

    it("sends answers in the order of the requests, whichever is ready first", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        // Odd values are answered at once.
        const handler: Handler = (request, peer, context) =>
          request.value % 2 === 1
            ? call(1000 + request.value)
            : hand.handler(request, peer, context);
        const { peer } = await open(runtime, handler);
        peer.send(bytesOf(...range(6).map((value) => call(value))));
        await eventually(() => hand.begun.length === 3, "all are begun");
        hand.answer(4, 2);
        await sleep(20);
        assert.equal(peer.received, 0);
        hand.answer(0);
        await received(peer, 6);
        assert.deepEqual(valuesOf(peer.chunks), range(6, 1000));
      }));

    it('with order "any" sends each answer when it is ready', () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { peer } = await open(runtime, hand.handler, { order: "any" });
        peer.send(bytesOf(...range(3).map((value) => call(value))));
        await eventually(() => hand.begun.length === 3, "all are begun");
        for (const value of [2, 0, 1]) {
          hand.answer(value);
          await sleep(1);
        }
        await received(peer, 3);
        assert.deepEqual(valuesOf(peer.chunks), [1002, 1000, 1001]);
      }));

    it("handles no more requests of a connection at once than concurrency, and reads on as they are answered", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        for (const order of ["request", "any"] as const) {
          const hand = new ByHand();
          const { server, peer } = await open(runtime, hand.handler, {
            order,
            concurrency: 3,
          });
          peer.send(bytesOf(...range(10).map((value) => call(value))));
          await eventually(() => hand.begun.length === 3, "three are begun");
          await sleep(20);
          assert.deepEqual(hand.begun, [0, 1, 2]);
          assert.equal(server.activeCount, 3);
          for (const value of range(10)) {
            hand.answer(value);
            const most = Math.min(10, value + 4);
            await eventually(() => hand.begun.length === most, `${most} begun`);
          }
          await received(peer, 10);
          assert.deepEqual(valuesOf(peer.chunks), range(10, 1000));
          assert.equal(server.activeCount, 0);
        }
      }));

    it("counts an answer that waits for its turn as under way", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { peer } = await open(runtime, hand.handler, { concurrency: 3 });
        peer.send(bytesOf(...range(5).map((value) => call(value))));
        await eventually(() => hand.begun.length === 3, "three are begun");
        hand.answer(1, 2);
        await sleep(20);
        assert.deepEqual(hand.begun, [0, 1, 2]);
        hand.answer(0);
        await eventually(() => hand.begun.length === 5, "all are begun");
        hand.answer(3, 4);
        await received(peer, 5);
        assert.deepEqual(valuesOf(peer.chunks), range(5, 1000));
      }));

    it("runs no more handlers for all connections than maxConcurrent, and connections take turns", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const hand = new ByHand();
        const { server, peer, connect } = await open(runtime, hand.handler, {
          maxConcurrent: 2,
        });
        const other = await connect();
        peer.send(bytesOf(...range(4).map((value) => call(value))));
        await eventually(() => hand.begun.length === 2, "two are begun");
        await sleep(10);
        other.send(bytesOf(...range(4, 10).map((value) => call(value))));
        await sleep(20);
        assert.deepEqual(hand.begun, [0, 1]);
        // The first connection waits with its third request, the other with its
        // first.
        for (const [done, count] of [[0, 3], [1, 4], [2, 5], [10, 6]]) {
          hand.answer(done);
          await eventually(
            () => hand.begun.length === count,
            `${count} are begun`,
          );
          await sleep(10);
          assert.equal(server.activeCount, 2);
        }
        assert.deepEqual(hand.begun, [0, 1, 2, 10, 3, 11]);
        hand.answer(3, 11);
        await eventually(() => hand.begun.length === 8, "all are begun");
        hand.answer(12, 13);
        await received(peer, 4);
        await received(other, 4);
        assert.deepEqual(valuesOf(other.chunks), range(4, 1010));
      }));

    it("a closed connection no longer waits for a handler slot", async () => {
      const { lines, sink } = new PeerLines();
      await logging(
        sink,
        () =>
          withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
            const hand = new ByHand();
            const peers: ServedPeer<Call>[] = [];
            const { server, peer, connect, closed } = await open(
              runtime,
              hand.handler,
              { maxConcurrent: 1, onConnected: (one) => void peers.push(one) },
            );
            peer.send(bytesOf(call(1)));
            await eventually(() => hand.begun.length === 1, "one is begun");
            const second = await connect();
            second.send(bytesOf(call(2)));
            await eventually(
              () => server.requestCount === 2,
              "another came in",
            );
            const third = await connect();
            third.send(bytesOf(call(3)));
            await eventually(
              () => server.requestCount === 3,
              "a third came in",
            );
            peers[1].ctx.abort();
            await closed;
            hand.answer(1);
            await eventually(
              () => hand.begun.length === 2,
              "the next is begun",
            );
            hand.answer(3);
            await received(third, 1);
            assert.deepEqual(hand.begun, [1, 3]);
          }),
      );
      assert.deepEqual(lines, []);
    });

    it("a handler may keep the bytes that it was given: what is read later does not overwrite them", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const server = serve(fixed(4), async (bytes) => {
          await sleep(10);
          return bytes;
        });
        const { address } = await runtime.listen(anyPort, server);
        const peer = await connectPeer(asTcp(address));
        for (let value = 0; value < 4; value++) {
          peer.send(bytesOf(call(value)));
          await eventually(() => server.requestCount === value + 1, "it is in");
        }
        await received(peer, 4);
        assert.deepEqual(valuesOf(peer.chunks), range(4));
      }));

    it("a handler that returns undefined sends no answer, and frees its slot", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const handler: Handler = async ({ value }) => {
          if (value % 2 === 1) return undefined;
          await sleep(1);
          return call(value);
        };
        const { peer } = await open(runtime, handler, { concurrency: 2 });
        peer.send(bytesOf(...range(20).map((value) => call(value))));
        await received(peer, 10);
        const even = range(20).filter((value) => value % 2 === 0);
        assert.deepEqual(valuesOf(peer.chunks), even);
      }));

    it("a handler has the state of its connection, and can send unsolicited messages", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const server = serve(calls, ({ value }, { state }) => {
          state.sum += value;
          return call(state.sum);
        }, {
          newState: () => ({ sum: 0 }),
          onConnected: (peer) => void peer.send(call(77)),
        });
        const { address } = await runtime.listen(anyPort, server);
        const peers = [
          await connectPeer(asTcp(address)),
          await connectPeer(asTcp(address)),
        ];
        for (const peer of peers) {
          peer.send(bytesOf(call(3), call(4)));
          await received(peer, 3);
          assert.deepEqual(valuesOf(peer.chunks), [77, 3, 7]);
        }
      }));

    it("gives commands to onCommand, whose answer goes to the sender, and refuses them without", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime<number>) => {
        type Options = ServeOptions<Call, Call, undefined, number>;
        const connectTo = async (onCommand: Options["onCommand"]) => {
          const connected = signal<ServedPeer<Call, undefined, number>>();
          const server = serve<Call, Call, undefined, number>(
            calls,
            () => undefined,
            { onConnected: (peer) => connected.resolve(peer), onCommand },
          );
          const { address } = await runtime.listen(anyPort, server);
          const peer = await connectPeer(asTcp(address));
          const { id } = await connected.promise;
          const command = (value: number) =>
            new Promise<UserCommandResult>((completion) =>
              runtime.cmdSender.sendUserCmd(id, value, { completion })
            );
          return { peer, command };
        };
        const { peer, command } = await connectTo((value, peer) => {
          peer.send(call(value));
          return value === 5 ? value + 1 : Promise.resolve(value + 2);
        });
        const results = [await command(5), await command(6)];
        assert.deepEqual(results.map((it) => it.ok && it.value), [6, 8]);
        await received(peer, 2);
        assert.deepEqual(valuesOf(peer.chunks), [5, 6]);

        const without = await (await connectTo(undefined)).command(7);
        assert.ok(!without.ok);
        assert.ok(without.error instanceof CommandNotSupportedError);
      }));
  });

  failurePromises();

  function failurePromises(): void {
    describe(`${adapter.name}: serve: handlers that fail`, () => {
      const failed = new Error("no answer");

      for (const order of ["request", "any"] as const) {
        it(`are answered by onError, whether they throw or reject, with order "${order}"`, () =>
          withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
            const told: unknown[] = [];
            const handler: Handler = ({ value }) => {
              if (value === 1) throw failed;
              if (value === 2) return Promise.reject(failed);
              return call(value);
            };
            const { server, peer } = await open(runtime, handler, {
              order,
              onError(error, { value }, { remoteAddress }) {
                assert.notEqual(remoteAddress.transport, "unknown");
                told.push(error);
                return value === 3 ? undefined : call(500 + value);
              },
            });
            peer.send(bytesOf(...range(4).map((value) => call(value))));
            await received(peer, 4);
            const values = valuesOf(peer.chunks);
            const expected = [0, 501, 502, 3];
            if (order === "any") values.sort((a, b) => a - b);
            if (order === "any") expected.sort((a, b) => a - b);
            assert.deepEqual(values, expected);
            assert.deepEqual(told, [failed, failed]);
            assert.equal(server.failedCount, 2);
          }));
      }

      it("with something that is no Error give onError a HandlerError, whose cause it is", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const told: Error[] = [];
          const handler: Handler = ({ value }) => {
            const thrown: unknown = `no answer to ${value}`;
            if (value === 0) throw thrown;
            return Promise.reject(thrown);
          };
          const { peer } = await open(runtime, handler, {
            onError(error, { value }) {
              told.push(error);
              return call(value);
            },
          });
          peer.send(bytesOf(call(0), call(1)));
          await received(peer, 2);
          assert.deepEqual(
            told.map(({ name, message, cause }) => [name, message, cause]),
            [0, 1].map((value) => [
              "HandlerError",
              `the handler of serve threw "no answer to ${value}", which is not an Error`,
              `no answer to ${value}`,
            ]),
          );
        }));

      it("without onError close the connection with their error; what was answered before goes out", () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
            for (const isAsync of [false, true]) {
              const handler: Handler = ({ value }) => {
                if (value === 0) return call(0);
                if (isAsync) return Promise.reject(failed);
                throw failed;
              };
              const { peer, closed } = await open(runtime, handler);
              peer.send(bytesOf(call(0), call(1)));
              await peer.ended;
              peer.end();
              assert.equal(await closed, failed);
              assert.deepEqual(valuesOf(peer.chunks), [0]);
            }
          })
        ));

      it("synchronously without onError cost one line of log", async () => {
        const { lines, sink } = new PeerLines();
        await logging(
          sink,
          () =>
            withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
              const hand = new ByHand();
              const { server, peer, closed } = await open(
                runtime,
                hand.handler,
              );
              peer.send(bytesOf(...range(20).map((value) => call(value))));
              await eventually(() => hand.begun.length === 20, "all are begun");
              for (const value of range(20)) hand.fail(value, failed);
              await peer.ended;
              peer.end();
              assert.equal(await closed, failed);
              assert.equal(server.failedCount, 20);
            }),
        );
        assert.equal(lines.length, 1);
      });

      it("close the connection with one line of log, which names what has failed", async () => {
        const throwing = () => {
          throw failed;
        };
        const rejecting = () => Promise.reject(failed);
        const cases: [string, Handler, ServerOptions][] = [
          ["the handler of serve", throwing, {}],
          ["the handler of serve", rejecting, {}],
          ["the handler of serve", () => call(70_000), {}],
          [
            "the handler of serve",
            () => new Promise<Call>(() => {}),
            { timeoutMs: 10 },
          ],
          ["onError", throwing, { onError: throwing }],
          ["onError", rejecting, { onError: rejecting }],
        ];
        for (const [name, handler, options] of cases) {
          const { lines, sink } = new PeerLines();
          await logging(
            sink,
            () =>
              withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
                const { server, peer, closed } = await open(
                  runtime,
                  handler,
                  options,
                );
                peer.send(bytesOf(call(0)));
                await peer.ended;
                peer.end();
                assert.ok(await closed instanceof Error);
                assert.equal(server.failedCount, 1);
              }),
          );
          assert.equal(lines.length, 1);
          assert.match(`${lines[0].parts[0]}`, new RegExp(`: ${name} failed`));
        }
      });

      it("whose onError throws or rejects close the connection with that", () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
            const worse = new Error("worse");
            for (
              const onError of [
                () => {
                  throw worse;
                },
                () => Promise.reject(worse),
              ]
            ) {
              const handler: Handler = () => Promise.reject(failed);
              const { server, peer, closed } = await open(runtime, handler, {
                onError,
              });
              peer.send(bytesOf(call(0)));
              await peer.ended;
              peer.end();
              assert.equal(await closed, worse);
              assert.equal(server.failedCount, 1);
              assert.equal(server.activeCount, 0);
            }
          })
        ));

      it("may be answered by a promise of onError, in their turn", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const handler: Handler = ({ value }) => {
            if (value === 0) throw failed;
            return call(value);
          };
          const { peer } = await open(runtime, handler, {
            async onError() {
              await sleep(10);
              return call(500);
            },
          });
          peer.send(bytesOf(call(0), call(1)));
          await received(peer, 2);
          assert.deepEqual(valuesOf(peer.chunks), [500, 1]);
        }));

      it("because their answer cannot be encoded are answered by onError in their turn, and nothing of the answer goes out", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const told: unknown[] = [];
          const handler: Handler = async ({ value }) => {
            await sleep(5 - value);
            return call(value === 1 ? 70_000 : value);
          };
          const { peer } = await open(runtime, handler, {
            onError(error) {
              told.push(error);
              return call(500);
            },
          });
          peer.send(bytesOf(call(0), call(1), call(2)));
          await received(peer, 3);
          assert.deepEqual(valuesOf(peer.chunks), [0, 500, 2]);
          assert.equal(told.length, 1);
          assert.ok(told[0] instanceof CodecError);
        }));

      it("that take longer than timeoutMs have their signal aborted; onError answers, and what they return is dropped", () =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const hand = new ByHand();
          const told: unknown[] = [];
          const handler: Handler = (request, peer, context) => {
            const answer = hand.handler(request, peer, context);
            if (request.value === 1) hand.answer(1);
            return answer;
          };
          const { server, peer } = await open(runtime, handler, {
            timeoutMs: 30,
            onError(error) {
              told.push(error);
              return call(500);
            },
          });
          peer.send(bytesOf(call(0), call(1)));
          await received(peer, 2);
          const { signal: aborted } = hand.contexts[0];
          assert.deepEqual(valuesOf(peer.chunks), [500, 1001]);
          assert.ok(told[0] instanceof RequestTimeoutError);
          assert.equal(aborted.reason, told[0]);
          assert.equal(hand.contexts[1].signal.aborted, false);
          assert.deepEqual([server.timedOutCount, server.failedCount], [1, 1]);
          assert.equal(server.activeCount, 1, "its handler is at work still");
          hand.answer(0);
          await eventually(() => server.activeCount === 0, "it is done");
          assert.equal(server.droppedCount, 1);
        }));

      it("whose onError takes longer than timeoutMs, too, close the connection with RequestTimeoutError", () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
            for (const failsAtOnce of [true, false]) {
              const handler: Handler = () => {
                if (failsAtOnce) throw new Error("it fails at once");
                return new Promise(() => {});
              };
              const { server, peer, closed } = await open(runtime, handler, {
                timeoutMs: 10,
                onError: () => new Promise(() => {}),
              });
              peer.send(bytesOf(call(0)));
              await peer.ended;
              peer.end();
              assert.ok(await closed instanceof RequestTimeoutError);
              assert.equal(server.failedCount, 1);
              assert.equal(server.timedOutCount, failsAtOnce ? 0 : 1);
            }
          })
        ));
    });
  }
}
