import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AlreadyConnectedError,
  AttemptsExhaustedError,
  byProperty,
  CodecError,
  ConnectionClosedError,
  InvalidAddressError,
  InvalidOptionError,
  lengthPrefixed,
  type ReactRuntime,
  ReadIdleTimeoutError,
  RequestClient,
  RequestLostError,
  RuntimeStoppedError,
  serve,
} from "../../mod.ts";
import { bytesOf, type Call, call, calls, callsOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import type { Environment } from "./environment.ts";
import {
  type ClientOptions,
  failsWith,
  openClient,
  Script,
  ScriptOutcome,
} from "./scripted.ts";
import { steady } from "./steady.ts";
import { pattern, quietly, withRuntime, withTwoRuntimes } from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

const byId = byProperty("id", { maxId: 254 });

/** What happens to requests when connections open and close. */
export function clientConnectionPromises(surroundings: Environment): void {
  const environment = steady(surroundings);
  const { adapter, anyPort, connectPeer, eventually, sleep } = environment;
  const open = (runtime: ReactRuntime, options?: ClientOptions) =>
    openClient(environment, runtime, options);
  signsOfLife(environment);
  describe(`${adapter.name}: a client of requests: connections`, () => {
    it("fails requests in flight when the connection is lost, and sends waiting ones on the next", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, connect, has } = await open(runtime, {
          window: 2,
        });
        const outcomes = [1, 2, 3].map((value) => ask(value));
        await has(2);
        const reason = new Error("the script says so");
        script.connections[0].abort(reason);
        const errors = [
          await failsWith(outcomes[0], RequestLostError),
          await failsWith(outcomes[1], RequestLostError),
        ];
        for (const error of errors) {
          assert.ok(error instanceof ConnectionClosedError);
        }
        await connect();
        await has(3);
        script.answer(3);
        await outcomes[2].settled;
        assert.equal(outcomes[2].value, 1003);
        assert.equal(client.queuedCount, 0);
      }));

    it("sends idempotent requests again, before those not yet sent", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, ask, connect, has } = await open(runtime, {
          correlate: byId,
          window: 3,
        });
        const idempotent = true;
        const outcomes = [
          ask(1, { idempotent }),
          ask(2),
          ask(3, { idempotent }),
          ask(4),
        ];
        await has(3);
        script.connections[0].abort();
        await failsWith(outcomes[1], RequestLostError);
        await connect();
        await has(6);
        assert.deepEqual(script.values, [1, 2, 3, 1, 3, 4]);
        script.answer(1, 3, 4);
        for (const { settled } of outcomes) await settled;
        assert.deepEqual(outcomes.map(({ value }) => value), [
          1001,
          undefined,
          1003,
          1004,
        ]);
      }));

    it("refuses a second connection, and goes on with the first", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, client, address, ask, has } = await open(runtime);
          await assert.rejects(
            runtime.connect(address, client.reactor()),
            AlreadyConnectedError,
          );
          await eventually(() => script.openCount === 1, "that is closed");
          const outcome = ask(1);
          await has(1);
          script.connections[0].send(call(1001));
          await outcome.settled;
          assert.equal(outcome.value, 1001);
        })
      ));

    it("replaces the first connection with a second one if secondConnection says so", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const reasons: (Error | undefined)[] = [];
        const { script, client, ask, connect, has } = await open(runtime, {
          correlate: byId,
          window: 2,
          secondConnection: "replace",
          onClose: (reason) => void reasons.push(reason),
        });
        const outcomes = [ask(1, { idempotent: true }), ask(2), ask(3)];
        await has(2);
        await connect();
        await failsWith(outcomes[1], RequestLostError);
        await has(4);
        assert.deepEqual(script.values, [1, 2, 1, 3]);
        await eventually(() => reasons.length === 1, "the first is closed");
        assert.ok(reasons[0] instanceof ConnectionClosedError);
        assert.ok(client.isConnected);
        await eventually(() => script.openCount === 1, "one is open");
        script.answer(1, 3);
        await Promise.all([outcomes[0].settled, outcomes[2].settled]);
        assert.equal(outcomes[0].value, 1001);
        assert.equal(outcomes[2].value, 1003);
        await client.close();
        await eventually(() => script.openCount === 0, "the second is closed");
        assert.equal(reasons.length, 2);
      }));

    it("close fails requests that wait or are in flight, and closes the connection", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, has } = await open(runtime, { window: 1 });
        const outcomes = [1, 2].map((value) => ask(value));
        await has(1);
        const closed = client.close();
        await failsWith(outcomes[0], RequestLostError);
        const error = await failsWith(outcomes[1], ConnectionClosedError);
        assert.ok(!(error instanceof RequestLostError));
        await failsWith(ask(3), ConnectionClosedError);
        await closed;
        await client.close();
        await eventually(() => script.openCount === 0, "it is closed");
      }));

    it("close with drainMs waits for the answers to earlier requests, and accepts no more", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, client, ask, has } = await open(runtime, { window: 1 });
        const outcomes = [1, 2].map((value) => ask(value));
        const closed = client.close({ drainMs: 5000 });
        await failsWith(ask(3), ConnectionClosedError);
        await has(1);
        script.answer(1);
        await has(2);
        script.answer(2);
        await closed;
        assert.deepEqual(outcomes.map(({ value }) => value), [1001, 1002]);
      }));

    it("close with drainMs fails requests that are not answered by then", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { client, ask } = await open(runtime);
        const outcome = ask(1);
        await client.close({ drainMs: 10 });
        await failsWith(outcome, RequestLostError);
      }));

    it("a message that cannot be decoded closes the connection, and fails requests in flight with that error as cause", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const { script, ask, has } = await open(runtime);
          const outcome = ask(1);
          await has(1);
          script.connections[0].sendOrQueue(Uint8Array.of(255, 0, 0, 0));
          const error = await failsWith(outcome, RequestLostError);
          assert.ok(error.cause instanceof CodecError);
        })
      ));

    it("the peer's FIN fails requests in flight, since no answer can follow", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const { script, ask, has } = await open(runtime);
        const outcome = ask(1);
        await has(1);
        script.connections[0].close();
        await failsWith(outcome, RequestLostError);
      }));

    it("exchanges far more than marks and queues hold without a deadlock", () =>
      withRuntime(
        adapter,
        { sendHighWaterMark: 64 * KiB, maxSendQueue: 4 * MiB },
        async (runtime: ReactRuntime) => {
          const codec = lengthPrefixed({ max: MiB });
          const echo = serve(codec, async (request) => {
            await sleep(0);
            return request;
          }, { concurrency: 4 });
          const { address } = await runtime.listen(anyPort, echo);
          const client = RequestClient.connect(runtime, address, codec);
          const large = pattern(0, 500 * KiB);
          const answers = Array.from(
            { length: 60 },
            () => client.request(large),
          );
          for (const answer of await Promise.all(answers)) {
            assert.equal(answer.length, large.length);
          }
          await client.close();
        },
      ));

    it("that is kept connected takes requests at once, and reconnects when the connection is lost", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const script = new Script();
        const { address } = await runtime.listen(anyPort, script.handler);
        const client = RequestClient.connect(runtime, [address], calls, {
          backoff: { minMs: 1, maxMs: 5 },
          onState() {},
          correlate: byId,
        });
        const lost = new ScriptOutcome(client.request(call(1)));
        const kept = new ScriptOutcome(
          client.request(call(2), { idempotent: true }),
        );
        await eventually(() => script.requests.length === 2, "they are in");
        script.connections[0].abort();
        await failsWith(lost, RequestLostError);
        await eventually(() => script.requests.length === 3, "one is again");
        script.answer(2);
        await kept.settled;
        assert.equal(kept.value, 1002);
        assert.equal(client.isConnected, true);
        await client.close();
        await eventually(() => script.openCount === 0, "it is closed");
        await sleep(20);
        assert.equal(script.connections.length, 2);
      }));

    it("sends the requests of onConnected first on each connection, and no others before it is done", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const script = new Script();
        const { address } = await runtime.listen(anyPort, script.handler);
        const asked: ScriptOutcome[] = [];
        const client = RequestClient.connect(runtime, address, calls, {
          backoff: { minMs: 1, maxMs: 5 },
          onState() {},
          correlate: byId,
          window: 1,
          onConnected(request) {
            const answers = [100, 101].map((value) =>
              request(call(value), { idempotent: true })
            );
            asked.push(...answers.map((answer) => new ScriptOutcome(answer)));
            return Promise.all(answers);
          },
        });
        const outcome = new ScriptOutcome(client.request(call(1)));
        await eventually(() => script.requests.length === 1, "the first is in");
        script.connections[0].abort();
        await eventually(() => script.requests.length === 2, "and once more");
        await failsWith(asked[0], RequestLostError);
        const error = await failsWith(asked[1], ConnectionClosedError);
        assert.ok(!(error instanceof RequestLostError), "it was never sent");
        assert.equal(outcome.isSettled, false);
        script.answer(100);
        await eventually(
          () => script.requests.length === 3,
          "the second is in",
        );
        await sleep(5);
        assert.deepEqual(script.values, [100, 100, 101]);
        script.answer(101);
        await eventually(() => script.requests.length === 4, "the rest is in");
        script.answer(1);
        await outcome.settled;
        assert.equal(outcome.value, 1001);
        await client.close();
      }));

    it("closes a connection whose onConnected fails, with its error, and keeps waiting requests for the next", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
          const script = new Script();
          const { address } = await runtime.listen(anyPort, script.handler);
          let late: (() => Promise<Call>) | undefined = undefined;
          const client = RequestClient.connect(runtime, address, calls, {
            backoff: { minMs: 1, maxMs: 5 },
            onState() {},
            async onConnected(request) {
              if (late !== undefined) return;
              late = () => request(call(9));
              await request(call(70_000)); // cannot be encoded
            },
          });
          const outcome = new ScriptOutcome(client.request(call(1)));
          await eventually(() => script.requests.length === 1, "it is in");
          assert.equal(script.connections.length, 2);
          script.answer(1);
          await outcome.settled;
          assert.equal(outcome.value, 1001);
          assert.ok(late !== undefined);
          await failsWith(
            new ScriptOutcome((late as () => Promise<Call>)()),
            ConnectionClosedError,
          );
          await client.close();
        })
      ));

    it("that gives up connecting fails waiting and later requests, with the reason as cause", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const listener = await runtime.listen(anyPort, new Script().handler);
        await listener.close();
        const client = RequestClient.connect(
          runtime,
          listener.address,
          calls,
          {
            backoff: { minMs: 1, maxMs: 5 },
            maxAttempts: 2,
            onState() {},
          },
        );
        const outcome = new ScriptOutcome(client.request(call(1)));
        const errors = [
          await failsWith(outcome, ConnectionClosedError),
          await failsWith(
            new ScriptOutcome(client.request(call(2))),
            ConnectionClosedError,
          ),
        ];
        for (const { cause } of errors) {
          assert.ok(cause instanceof AttemptsExhaustedError);
        }
        await client.close();
      }));

    it("refuses bad addresses and options, and leaves nothing behind", () =>
      withRuntime(adapter, {}, (runtime: ReactRuntime) => {
        assert.throws(
          () => RequestClient.connect(runtime, [], calls),
          InvalidAddressError,
        );
        assert.throws(
          () => RequestClient.connect(runtime, "a:1", calls, { window: 0 }),
          InvalidOptionError,
        );
        return Promise.resolve();
      }));

    it("fails waiting and later requests when the runtime is stopped, connected or not", () =>
      withTwoRuntimes(adapter, async (server, runtime) => {
        const script = new Script();
        const { address } = await server.listen(anyPort, script.handler);
        const options = { timeoutMs: 0, window: 1 };
        const alone = new RequestClient(runtime, calls, options);
        const connected = new RequestClient(runtime, calls, options);
        await runtime.connect(address, connected.reactor());
        const outcomes = [alone, connected, connected].map((client) =>
          new ScriptOutcome(client.request(call(1)))
        );
        await eventually(() => script.requests.length === 1, "one is in");
        await runtime.stop({ drainMs: 0 });
        await failsWith(outcomes[0], RuntimeStoppedError);
        await failsWith(outcomes[1], RequestLostError);
        await failsWith(outcomes[2], RuntimeStoppedError);
        const late = new RequestClient(runtime, calls, options);
        for (const client of [alone, connected, late]) {
          await failsWith(
            new ScriptOutcome(client.request(call(2))),
            RuntimeStoppedError,
          );
          await client.close();
        }
      }));

    it("a gateway that is stopped answers requests under way, sending requests of its own meanwhile", () =>
      withTwoRuntimes(adapter, async (far, gateway) => {
        const script = new Script();
        const { address } = await far.listen(anyPort, script.handler);
        const client = RequestClient.connect(gateway, address, calls, {
          correlate: byId,
          onState() {},
        });
        const server = serve(calls, async (request, _peer, { signal }) => {
          const first = await client.request(request, { signal });
          return await client.request(first, { signal });
        });
        const front = await gateway.listen(anyPort, server);
        const peer = await connectPeer(asTcp(front.address));
        peer.send(bytesOf(...[1, 2, 3].map((value) => call(value, 7))));
        await eventually(() => script.requests.length === 3, "they are in");
        const start = adapter.clock.now();
        const stopped = gateway.stop({ drainMs: 60_000 });
        await sleep(20);
        script.answer(1, 2, 3);
        await eventually(() => script.requests.length === 6, "and once more");
        script.answer(1001, 1002, 1003);
        await peer.ended;
        peer.end();
        await stopped;
        assert.ok(adapter.clock.now() - start < 30_000, "not by drainMs");
        assert.deepEqual(callsOf(peer.chunks), [
          call(2001, 7),
          call(2002, 7),
          call(2003, 7),
        ]);
      }));
  });
}

const PING = call(0, 0, 9);

function signsOfLife(environment: Environment): void {
  const { adapter, anyPort, eventually } = environment;
  describe(`${adapter.name}: a client of requests: heartbeats`, () => {
    it("both ends send them when nothing else went out, and requests go on", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        let heardCount = 0;
        const idle = { writeIdleTimeoutMs: 20, readIdleTimeoutMs: 5000 };
        const server = serve(calls, (request) => {
          if (request.op !== PING.op) return request;
          heardCount++;
          return undefined;
        }, {
          ...idle,
          onIdle(kind, peer) {
            assert.equal(kind, "write");
            peer.send(PING);
          },
        });
        const { address } = await runtime.listen(anyPort, server);
        const client = RequestClient.connect(runtime, address, calls, {
          ...idle,
          isUnsolicited: ({ op }) => op === PING.op,
          onIdle(kind, ctx) {
            assert.equal(kind, "write");
            ctx.send(PING);
          },
        });
        await eventually(
          () => heardCount >= 3 && client.unsolicitedCount >= 3,
          "both hear of each other",
        );
        assert.equal((await client.request(call(7))).value, 7);
        assert.equal(client.requestCount, 1);
        await client.close();
      }));

    it("a client answers those of the server, and either end may give up one that is silent", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        const gone: (Error | undefined)[] = [];
        const server = serve(calls, () => undefined, {
          writeIdleTimeoutMs: 10,
          readIdleTimeoutMs: 5000,
          onConnected: (peer) => void peer.send(PING),
          onIdle: () => {},
          onClose: (reason) => void gone.push(reason),
        });
        const { address } = await runtime.listen(anyPort, server);
        const silent = new ReadIdleTimeoutError("silent");
        const client = new RequestClient(runtime, calls, {
          isUnsolicited: ({ op }) => op === PING.op,
          onUnsolicited: (message, ctx) => void ctx.send(message),
          onIdle: (kind, ctx) =>
            kind === "read" ? ctx.abort(silent) : undefined,
        });
        const connection = await runtime.connect(address, client.reactor(), {
          readIdleTimeoutMs: 50,
        });
        await eventually(() => server.requestCount === 1, "it is answered");
        assert.equal(await connection.whenClosed, silent);
        await eventually(() => gone.length === 1, "the server hears of it");
      }));

    it("without onIdle a server and a client give up a peer that is silent", () =>
      withRuntime(adapter, {}, async (runtime: ReactRuntime) => {
        let reason: Error | undefined = undefined;
        const server = serve(calls, () => undefined, {
          readIdleTimeoutMs: 20,
          onClose: (error) => void (reason = error),
        });
        const { address } = await runtime.listen(anyPort, server);
        const client = new RequestClient(runtime, calls);
        await runtime.connect(address, client.reactor());
        await eventually(() => reason !== undefined, "it is closed");
        assert.ok(reason as unknown instanceof ReadIdleTimeoutError);
      }));
  });
}
