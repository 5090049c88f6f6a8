import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import {
  acceptMessages,
  connectMessages,
  type DropReason,
  framed,
  hostAdapter,
  lines,
  ReactioError,
  SimNetwork,
  simulate,
  type Simulation,
  type TcpListenerHandler,
} from "../../mod.ts";
import {
  overWebSocket,
  webSocketClient,
  WebSocketHandshakeError,
  WebSocketPongTimeoutError,
  WebSocketProtocolError,
  type WebSocketServerOptions,
} from "../../src/entries/websocket.ts";
import { quietly } from "../conformance/support.ts";
import { backPressurePromises } from "../conformance/back_pressure.ts";
import { closingPromises } from "../conformance/closing.ts";
import { creditPromises } from "../conformance/credit.ts";
import { framingPromises } from "../conformance/framing.ts";
import { halfClosePromises } from "../conformance/half_close.ts";
import { largeMessagePromises } from "../conformance/large_messages.ts";
import { messagePromises } from "../conformance/messages.ts";
import { sendingPromises } from "../conformance/sending.ts";
import { simEnvironment } from "../conformance/sim_environment.ts";
import { SimPeer } from "../conformance/sim_peer.ts";
import {
  clientFrame,
  FrameReader,
  Opcode,
  request,
} from "../support/web_socket_frames.ts";
import { SimWebSocketPeer } from "../support/sim_web_socket_peer.ts";
import { overWebSockets } from "../support/web_socket_adapter.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const CLIENTS = 4;
const QUESTIONS = 5;

/** Clients ask over WebSockets, wait for longer than a ping does, and ask again. Adds how that went to `outcomes`. */
async function converse(
  sim: Simulation,
  outcomes: Map<string, number>,
): Promise<void> {
  const count = (name: string) =>
    outcomes.set(name, 1 + (outcomes.get(name) ?? 0));
  const server = sim.runtime("server");
  const client = sim.runtime("client");
  const shouting = acceptMessages(lines(), async (connection) => {
    for await (const line of connection) {
      await connection.send(line.toUpperCase());
    }
  });
  await server.listen("server:80", overWebSocket(shouting));
  const { options } = webSocketClient("ws://server/");
  const ask = async () => {
    const connection = await connectMessages(
      client,
      "server:80",
      lines(),
      options,
    );
    for (let i = 0; i < QUESTIONS; i++) {
      const question = `q${i}`.repeat(sim.random.integer(1, 100));
      await connection.send(question);
      assert.equal(await connection.receive(), question.toUpperCase());
      await sim.sleep(sim.random.integer(0, 50_000));
    }
    await connection.close();
  };
  await Promise.all(
    Array.from(
      { length: CLIENTS },
      () =>
        ask().then(() => count("answered"), (error) => {
          assert.ok(error instanceof ReactioError, `${error}`);
          count(error.name);
        }),
    ),
  );
}

for (
  const [faults, first, last] of [
    ["gentle", "076fff96e61cf748", "ad87bf48ab51ead0"],
    ["random", "e3d332cae52d595c", "f7b71d12108f93cf"],
  ] as const
) {
  test(`WebSockets under ${faults} faults play the same in the simulation, on every runtime`, async () => {
    const hashes: string[] = [];
    const outcomes = new Map<string, number>();
    await quietly(() =>
      simulate({ seeds: 20, faults }, async (sim) => {
        await converse(sim, outcomes);
        hashes.push(sim.network.traceHash);
      }).then(() => {})
    );
    const answered = outcomes.get("answered") ?? 0;
    assert.ok(answered > CLIENTS, `${answered} of ${20 * CLIENTS}`);
    if (faults === "gentle") assert.equal(answered, 20 * CLIENTS);
    else assert.ok(outcomes.size > 2, [...outcomes.keys()].join(", "));
    assert.deepEqual([hashes[0], hashes[19]], [first, last]);
  });
}

/** A listener of WebSockets on the host `server` of `sim`, and what it drops. */
async function listen(
  sim: Simulation,
  options: WebSocketServerOptions,
  onClose: (reason: Error | undefined) => void = () => {},
) {
  const drops: [reason: DropReason, error: Error | undefined][] = [];
  const handler: TcpListenerHandler = {
    onNewConnection: () => ({
      reactor: framed(lines(), {
        onMessage: (line, ctx) => void ctx.send(line),
        onClose,
      }),
    }),
    onDrop: (reason, _address, _listener, error) => {
      drops.push([reason, error]);
    },
  };
  const runtime = sim.runtime("server");
  const listener = await runtime.listen(
    "server:80",
    overWebSocket(handler, options),
  );
  return { drops, listener };
}

/** A peer on the host `client` of `sim`, which is connected to `server`. */
function connectPeer(sim: Simulation): Promise<SimPeer> {
  return SimPeer.connect(
    sim.host("client").adapter,
    {
      transport: "tcp",
      hostname: "server",
      port: 80,
    },
    (condition, what) => sim.until(condition, { what }),
  );
}

/** The same, when its WebSocket is open. */
async function openWebSocket(sim: Simulation): Promise<SimPeer> {
  const peer = await connectPeer(sim);
  peer.send(bytesOf(request()));
  await sim.until(() => peer.received > 0, { what: "an answer" });
  return peer;
}

test("who is refused and does not leave is dropped as one that was refused, and who got a page is not dropped", () =>
  quietly(() =>
    simulate({ seeds: 1 }, async (sim) => {
      const pages = { "/": { type: "text/plain", body: "welcome" } };
      const { drops, listener } = await listen(sim, { path: "/chat", pages });
      for (const path of ["/", "/no"]) {
        const peer = await connectPeer(sim);
        peer.send(bytesOf(request(path).replace(/upgrade.*\r\n/gi, "")));
        await peer.ended;
        await sim.sleep(6000);
        assert.equal(listener.connectionCount, 0);
        peer.end();
        await peer.closed;
      }
      assert.equal(drops.length, 1);
      const [[reason, error]] = drops;
      assert.equal(reason, "handshakeFailed");
      assert.ok(error instanceof WebSocketHandshakeError, `${error}`);
      assert.equal(error.status, 404);
    }).then(() => {})
  ));

test("a peer that reads nothing of what it pings for has few answers waiting for it", () =>
  simulate(
    { seeds: 1, sendBufferBytes: 1024, receiveBufferBytes: 1024 },
    async (sim) => {
      await listen(sim, {});
      const peer = await openWebSocket(sim);
      await sim.sleep(100);
      peer.pause();
      const before = peer.chunks.length;
      const count = 1000;
      for (let i = 0; i < count; i++) {
        peer.send(clientFrame(Opcode.Ping, bytesOf(`${i}`.padEnd(100))));
      }
      await sim.sleep(60_000);
      peer.resume();
      await sim.sleep(60_000);
      const frames = new FrameReader();
      const pongs = peer.chunks.slice(before).flatMap((chunk) => [
        ...frames.read(chunk),
      ]);
      const last = new TextDecoder().decode(pongs.at(-1)?.payload);
      assert.equal(last.trim(), `${count - 1}`);
      assert.ok(pongs.length < 40, `${pongs.length} pongs`);
      peer.destroy();
    },
  ).then(() => {}));

test("what a server sends in a turn is one message, in one write", () =>
  simulate({ seeds: 1, writes: "borrows" }, async (sim) => {
    await listen(sim, {});
    const peer = await openWebSocket(sim);
    const before = sim.network.trace.length;
    peer.send(clientFrame(Opcode.Text, bytesOf("one\ntwo\n")));
    await sim.sleep(1000);
    const writes = sim.network.trace.slice(before).filter((line) =>
      /server 1a borrow/.test(line)
    );
    assert.equal(writes.length, 1, writes.join("\n"));
    assert.match(writes[0], /borrow 10$/); // a head of two bytes
    peer.destroy();
  }).then(() => {}));

test("a peer that has vanished is noticed by a ping", () =>
  quietly(() =>
    simulate({ seeds: 1 }, async (sim) => {
      let closedFor: Error | undefined;
      await listen(sim, {}, (reason) => closedFor = reason);
      const peer = await openWebSocket(sim);
      const since = sim.now();
      sim.network.partition("server", "client");
      await sim.until(() => closedFor !== undefined, {
        timeoutMs: 60_000,
        what: "the end",
      });
      assert.ok(closedFor instanceof WebSocketPongTimeoutError, `${closedFor}`);
      assert.equal(Math.round((sim.now() - since) / 1000), 40);
      peer.destroy();
    }).then(() => {})
  ));

test("a peer that breaks the protocol and does not leave is left after five seconds", () =>
  quietly(() =>
    simulate({ seeds: 1 }, async (sim) => {
      let closedFor: Error | undefined;
      await listen(sim, {}, (reason) => closedFor = reason);
      const peer = await openWebSocket(sim);
      const since = sim.now();
      peer.send(clientFrame(3, bytesOf("a")));
      await sim.until(() => closedFor !== undefined, { what: "the end" });
      assert.ok(closedFor instanceof WebSocketProtocolError, `${closedFor}`);
      assert.equal(Math.round((sim.now() - since) / 1000), 5);
      peer.end();
      await peer.closed;
    }).then(() => {})
  ));

test("a peer that never answers a close frame is left after closeTimeoutMs", () =>
  quietly(() =>
    simulate({ seeds: 1 }, async (sim) => {
      const server = sim.runtime("server", { closeTimeoutMs: 2000 });
      let closedAt = 0;
      await server.listen(
        "server:80",
        overWebSocket({
          onNewConnection: () => ({
            reactor: framed(lines(), {
              onMessage: (_line, ctx) => ctx.close(),
              onClose: () => void (closedAt = sim.now()),
            }),
          }),
        }),
      );
      const peer = await openWebSocket(sim);
      const since = sim.now();
      peer.send(clientFrame(Opcode.Text, bytesOf("bye\n")));
      await sim.until(() => closedAt > 0, { what: "the end" });
      assert.equal(Math.round((closedAt - since) / 100), 20);
      await peer.ended;
      peer.end();
      await peer.closed;
    }).then(() => {})
  ));

// What it plays does not depend on the runtime: one is enough.
if (hostAdapter().name === "bun") {
  describe("a simulated network under WebSockets", () => {
    const network = new SimNetwork({ seed: 8, writes: "borrows" });
    const simulated = simEnvironment(
      network,
      overWebSockets,
      SimWebSocketPeer.connect,
    );
    afterEach(simulated.settle);
    const environment = { ...simulated, tellsReasons: true };
    sendingPromises(environment);
    framingPromises(environment);
    largeMessagePromises(environment);
    backPressurePromises(environment);
    creditPromises(environment);
    halfClosePromises(environment);
    closingPromises(environment);
    messagePromises(environment);
  });
}
