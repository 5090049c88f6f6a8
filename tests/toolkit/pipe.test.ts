import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  InvalidCallbackError,
  MessageResult,
  pipe,
  type PipeEnd,
  type Reactor,
  ReactRuntime,
  simulate,
  type Simulation,
} from "../../mod.ts";
import { pattern, PatternChecker } from "../conformance/support.ts";

/** Pipes every client of `proxy:80` to `server:80`. */
async function startProxy(
  sim: Simulation,
  onOpen?: () => void,
): Promise<ReactRuntime> {
  const runtime: ReactRuntime = sim.runtime("proxy");
  await runtime.listen("proxy:80", {
    onNewConnection() {
      const [client, server] = pipe(onOpen);
      runtime.connect("server:80", server)
        .catch((error) => client.abort(error));
      return { reactor: client };
    },
  });
  return runtime;
}

/** One end of what is piped, and what became of it. */
class Peer implements Reactor {
  ctx: DispatchContext | undefined;
  readonly got = new PatternChecker();
  hasEnded = false;
  reason: Error | undefined | null = null;
  readonly closed: Promise<void>;
  #onClosed = () => {};
  readonly #begin: (ctx: DispatchContext) => void;

  constructor(begin: (ctx: DispatchContext) => void = () => {}) {
    this.#begin = begin;
    this.closed = new Promise((resolve) => this.#onClosed = resolve);
  }

  onConnected(ctx: DispatchContext) {
    this.ctx = ctx;
    this.#begin(ctx);
  }

  onInboundMessage(buf: Uint8Array) {
    this.got.check(buf);
    return MessageResult.dropMsgSize(buf.length);
  }

  onPeerEnd() {
    this.hasEnded = true;
  }

  onClose(reason: Error | undefined) {
    this.reason = reason;
    this.#onClosed();
  }
}

async function startServer(sim: Simulation, server: Peer): Promise<void> {
  await sim.runtime("server").listen("server:80", {
    onNewConnection: () => ({ reactor: server, closeTimeoutMs: 600_000 }),
  });
}

describe("pipe", () => {
  it("does not wait for one direction in the other", async () => {
    const size = 4 * 2 ** 20; // more than the marks and the sockets hold
    await simulate({ seeds: 2 }, async (sim) => {
      // The server reads only when all it has to say is out.
      const server = new Peer((ctx) => {
        ctx.pauseReading();
        ctx.sendOrQueue(pattern(0, 1));
        ctx.after(5000, () => {
          const rest = pattern(1, size - 1);
          ctx.sendOrQueue(rest, () => ctx.resumeReading());
        });
      });
      const client = new Peer((ctx) => void ctx.sendOrQueue(pattern(0, size)));
      await startServer(sim, server);
      await startProxy(sim);
      await sim.runtime("client").connect("proxy:80", client);
      await sim.until(() => client.got.received === size);
      await sim.until(() => server.got.received === size);
      client.ctx?.close();
    });
  });

  it("keeps no more than it must for who does not read", async () => {
    await simulate({ seeds: 2 }, async (sim) => {
      const size = 8 * 2 ** 20;
      const server = new Peer((ctx) => void ctx.sendOrQueue(pattern(0, size)));
      await startServer(sim, server);
      const proxy = await startProxy(sim);
      const client = new Peer((ctx) => ctx.pauseReading());
      await sim.runtime("client").connect("proxy:80", client);
      await sim.sleep(10_000);
      const { bytesQueued } = proxy.stats();
      assert.ok(bytesQueued > 2 ** 20 && bytesQueued < 1.5 * 2 ** 20);
      client.ctx?.resumeReading();
      await sim.until(() => client.got.received === size);
      client.ctx?.close();
    });
  });

  it("finishes what is under way when the runtime is stopped", async () => {
    await simulate({ seeds: 2 }, async (sim) => {
      const server = new Peer();
      const client = new Peer();
      await startServer(sim, server);
      const proxy = await startProxy(sim);
      await sim.runtime("client").connect("proxy:80", client);
      await sim.until(() => proxy.connectionCount === 2);
      const stopped = proxy.stop({ drainMs: 600_000 });
      await sim.sleep(100);
      client.ctx?.sendOrQueue(pattern(0, 5000));
      client.ctx?.end();
      await sim.until(() => server.hasEnded);
      server.ctx?.sendOrQueue(pattern(0, 6000));
      server.ctx?.close();
      await sim.until(() => client.hasEnded);
      client.ctx?.close();
      await stopped;
      assert.equal(server.got.received, 5000);
      assert.equal(client.got.received, 6000);
    });
  });

  it("has each direction end by itself, after all that was sent", async () => {
    await simulate({ seeds: 6, faults: "gentle" }, async (sim) => {
      const server = new Peer();
      const client = new Peer((ctx) => {
        ctx.sendOrQueue(pattern(0, 20_000));
        ctx.end();
      });
      await startServer(sim, server);
      const proxy = await startProxy(sim);
      await sim.runtime("client").connect("proxy:80", client);
      await sim.until(() => server.hasEnded);
      assert.equal(server.got.received, 20_000);
      assert.equal(client.hasEnded, false);
      server.ctx?.sendOrQueue(pattern(0, 50_000));
      server.ctx?.close();
      await sim.until(() => client.hasEnded);
      assert.equal(client.got.received, 50_000);
      client.ctx?.close();
      await sim.until(() => proxy.connectionCount === 0);
      assert.deepEqual(proxy.stats().closed, { ok: 2 });
    });
  });

  it("closes the other end when this program closes one", async () => {
    for (const hasPeerEnded of [false, true]) {
      await simulate({ seeds: 3 }, async (sim) => {
        const server = new Peer();
        await startServer(sim, server);
        const runtime: ReactRuntime = sim.runtime("proxy");
        const [near, far] = pipe();
        await runtime.listen("proxy:80", {
          onNewConnection: () => ({ reactor: near }),
        });
        const client = new Peer();
        await sim.runtime("client").connect("proxy:80", client);
        const connection = await runtime.connect("server:80", far);
        if (hasPeerEnded) client.ctx?.end();
        await sim.sleep(100);
        const closed = connection.close();
        await sim.until(() => server.hasEnded);
        server.ctx?.close();
        await closed;
        await sim.until(() => client.hasEnded);
        client.ctx?.close();
        await sim.until(() => runtime.connectionCount === 0);
      });
    }
  });

  it("gives up who waits for a connection that does not come", async () => {
    await simulate({ seeds: 3 }, async (sim) => {
      sim.host("server"); // where nobody listens
      const proxy = await startProxy(sim);
      const client = new Peer((ctx) => void ctx.sendOrQueue(pattern(0, 10)));
      await sim.runtime("client").connect("proxy:80", client);
      await sim.until(() => client.reason !== null);
      assert.ok(client.reason);
      assert.deepEqual(proxy.stats().closed, { ConnectionRefusedError: 1 });
    });
  });

  it("gives up a connection that comes when the other one is gone", async () => {
    await simulate({ seeds: 3 }, async (sim) => {
      const server = new Peer();
      await startServer(sim, server);
      const runtime: ReactRuntime = sim.runtime("proxy");
      const [near, far] = pipe();
      await runtime.listen("proxy:80", {
        onNewConnection: () => ({ reactor: near }),
      });
      const client = await sim.runtime("client")
        .connect("proxy:80", new Peer());
      await sim.until(() => runtime.connectionCount === 1);
      await client.abort(new Error("gone"));
      await sim.until(() => runtime.connectionCount === 0);
      await runtime.connect("server:80", far);
      await sim.until(() => runtime.connectionCount === 0);
      await sim.until(() => server.reason !== null || server.hasEnded);
      server.ctx?.close();
    });
  });

  it("takes over a connection, and says when both are open", async () => {
    await simulate({ seeds: 10, faults: "gentle" }, async (sim) => {
      const server = new Peer((ctx) => void ctx.sendOrQueue(pattern(0, 9)));
      await startServer(sim, server);
      const runtime: ReactRuntime = sim.runtime("proxy");
      /** Takes a byte, and answers one before it pipes. */
      class Handshake implements Reactor {
        #end: PipeEnd | undefined;

        onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
          if (this.#end !== undefined) {
            return this.#end.onInboundMessage(buf, ctx);
          }
          assert.equal(buf[0], 255);
          const [near, far] = pipe(() => void ctx.sendOrQueue(buf254));
          this.#end = near;
          near.onConnected(ctx);
          runtime.connect("server:80", far).catch((error) => near.abort(error));
          return MessageResult.dropMsgSize(1);
        }

        onPeerEnd() {
          this.#end?.onPeerEnd();
        }

        onClose(reason: Error | undefined) {
          this.#end?.onClose(reason);
        }
      }
      const buf254 = Uint8Array.of(254);
      await runtime.listen("proxy:80", {
        onNewConnection: () => ({ reactor: new Handshake() }),
      });
      const heard: number[] = [];
      await sim.runtime("client").connect("proxy:80", {
        onConnected(ctx) {
          ctx.sendOrQueue(Uint8Array.of(255));
          ctx.sendOrQueue(pattern(0, 50)); // for the server, though too early
        },
        onInboundMessage(buf, ctx) {
          heard.push(...buf);
          if (heard.length === 10) ctx.close();
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      await sim.until(() => server.got.received === 50);
      await sim.until(() => heard.length === 10);
      assert.deepEqual(heard, [254, ...pattern(0, 9)]);
      server.ctx?.close();
      await sim.until(() => runtime.connectionCount === 0);
    });
  });

  it("closes both when onOpen throws", async () => {
    await simulate({ seeds: 3 }, async (sim) => {
      const server = new Peer();
      await startServer(sim, server);
      const proxy = await startProxy(sim, () => {
        throw new Error("not now");
      });
      const client = new Peer();
      await sim.runtime("client").connect("proxy:80", client);
      await sim.until(() => client.reason !== null);
      await sim.until(() => server.reason !== null || server.hasEnded);
      server.ctx?.close();
      await sim.until(() => proxy.connectionCount === 0);
    });
  });

  it("refuses what is no function", () => {
    assert.throws(() => pipe(7 as never), InvalidCallbackError);
  });

  it("passes on what real sockets bring", async () => {
    const size = 3 * 2 ** 20;
    const runtime = new ReactRuntime();
    const server = new Peer((ctx) => {
      ctx.sendOrQueue(pattern(0, size));
      ctx.end();
    });
    const { address } = await runtime.listen("127.0.0.1:0", {
      onNewConnection: () => ({ reactor: server, closeTimeoutMs: 600_000 }),
    });
    const proxy = await runtime.listen("127.0.0.1:0", {
      onNewConnection() {
        const [near, far] = pipe();
        runtime.connect(address, far).catch((error) => near.abort(error));
        return { reactor: near };
      },
    });
    const client = new Peer((ctx) => {
      ctx.sendOrQueue(pattern(0, size));
      ctx.end();
    });
    const connection = await runtime.connect(proxy.address, client);
    assert.equal(await connection.whenClosed, undefined);
    await server.closed;
    assert.equal(server.reason, undefined);
    assert.equal(client.got.received, size);
    assert.equal(server.got.received, size);
    await runtime.stop();
  });
});
