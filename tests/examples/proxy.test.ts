import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { passingOn } from "../../examples/proxy/passing.ts";
import {
  connectMessages,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  simulate,
  type Simulation,
  unframed,
} from "../../mod.ts";
import { pattern, PatternChecker } from "../conformance/support.ts";

const OPTIONS = { to: "server:80", header: 0, idle: 0 };

/** Where a proxy of the example passes on what it gets. */
async function startProxy(
  sim: Simulation,
  options = OPTIONS,
): Promise<ReactRuntime> {
  const runtime: ReactRuntime = sim.runtime("proxy");
  await runtime.listen("proxy:80", passingOn(runtime, options));
  return runtime;
}

const ASKED = 20_000;
const ANSWERED = 50_000;

/** Gets a question up to its end, and answers then. */
function answering(): Reactor {
  const question = new PatternChecker();
  return {
    onInboundMessage(buf) {
      question.check(buf);
      return MessageResult.dropMsgSize(buf.length);
    },
    onPeerEnd(ctx) {
      assert.equal(question.received, ASKED);
      ctx.sendOrQueue(pattern(0, ANSWERED));
      ctx.close();
    },
  };
}

describe("examples/proxy", () => {
  it("passes on all bytes, and each end by itself, whatever the network does", async () => {
    await simulate({ seeds: 12, faults: "gentle" }, async (sim) => {
      const server: ReactRuntime = sim.runtime("server");
      await server.listen("server:80", {
        onNewConnection: () => ({
          reactor: answering(),
          closeTimeoutMs: 600_000,
        }),
      });
      await startProxy(sim);
      const answer = new PatternChecker();
      let reason: Error | undefined | null = null;
      await sim.runtime("client").connect("proxy:80", {
        onConnected(ctx) {
          ctx.sendOrQueue(pattern(0, ASKED));
          ctx.end();
        },
        onInboundMessage(buf) {
          answer.check(buf);
          return MessageResult.dropMsgSize(buf.length);
        },
        onClose: (it) => void (reason = it),
      });
      await sim.until(() => reason !== null);
      assert.equal(reason, undefined);
      assert.equal(answer.received, ANSWERED);
    });
  });

  it("keeps no more than it must for who does not read", async () => {
    await simulate({ seeds: 3 }, async (sim) => {
      let server: DispatchContext | undefined;
      await sim.runtime("server").listen("server:80", {
        onNewConnection: () => ({
          reactor: {
            onConnected(ctx) {
              server = ctx;
              ctx.sendOrQueue(new Uint8Array(8 * 2 ** 20));
            },
            onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          },
        }),
      });
      const proxy = await startProxy(sim);
      let received = 0;
      let client: DispatchContext | undefined;
      await sim.runtime("client").connect("proxy:80", {
        onConnected(ctx) {
          client = ctx;
          ctx.pauseReading();
        },
        onInboundMessage(buf) {
          received += buf.length;
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      await sim.sleep(10_000);
      const { bytesQueued } = proxy.stats();
      assert.ok(bytesQueued > 128 * 1024, `${bytesQueued}`);
      assert.ok(bytesQueued < 512 * 1024, `${bytesQueued}`);
      assert.ok(server!.sender.bytesQueued > 4 * 2 ** 20);
      client!.resumeReading();
      await sim.until(() => received === 8 * 2 ** 20);
    });
  });

  it("passes on that a connection was lost, in both directions", async () => {
    for (const end of ["client", "server"] as const) {
      await simulate({ seeds: 3 }, async (sim) => {
        const ends: Record<string, DispatchContext> = {};
        const reasons: Record<string, Error | undefined> = {};
        const reactor = (name: string): Reactor => ({
          onConnected: (ctx) => void (ends[name] = ctx),
          onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          onClose: (reason) => void (reasons[name] = reason),
        });
        await sim.runtime("server").listen("server:80", {
          onNewConnection: () => ({ reactor: reactor("server") }),
        });
        await startProxy(sim);
        await sim.runtime("client").connect("proxy:80", reactor("client"));
        await sim.until(() => "server" in ends);
        ends[end].abort(new Error("gone"));
        await sim.until(() => Object.keys(reasons).length === 2);
        const other = end === "client" ? "server" : "client";
        assert.equal(reasons[other]?.name, "ConnectionResetError");
      });
    }
  });

  it("drops a client whose server is not there, and says where clients are", async () => {
    await simulate({ seeds: 3 }, async (sim) => {
      await startProxy(sim, { ...OPTIONS, header: 2 });
      const runtime = sim.runtime("client");
      const first = await connectMessages(runtime, "proxy:80", unframed());
      assert.ok(await first.whenClosed);
      let source: unknown;
      await sim.runtime("server").listen("server:80", {
        onNewConnection: (_listener, { remoteAddress }) => {
          source = remoteAddress;
          return null;
        },
      }, { proxyProtocol: { trusted: ["0.0.0.0/0"] } });
      const second = await connectMessages(runtime, "proxy:80", unframed());
      await second.whenClosed;
      assert.deepEqual(source, second.localAddress);
    });
  });

  it("finishes what is under way when it is stopped", async () => {
    await simulate({ seeds: 4, faults: "gentle" }, async (sim) => {
      await sim.runtime("server").listen("server:80", {
        onNewConnection: () => ({
          reactor: answering(),
          closeTimeoutMs: 600_000,
        }),
      });
      const proxy = await startProxy(sim);
      const answer = new PatternChecker();
      let isClosed = false;
      let client: DispatchContext | undefined;
      await sim.runtime("client").connect("proxy:80", {
        onConnected(ctx) {
          client = ctx;
          ctx.sendOrQueue(pattern(0, ASKED / 2));
        },
        onInboundMessage(buf) {
          answer.check(buf);
          return MessageResult.dropMsgSize(buf.length);
        },
        onClose: () => void (isClosed = true),
      });
      await sim.until(() => proxy.connectionCount === 2);
      const stopped = proxy.stop({ drainMs: 600_000 });
      await sim.sleep(100);
      client!.sendOrQueue(pattern(ASKED / 2, ASKED / 2));
      client!.end();
      await stopped;
      await sim.until(() => isClosed);
      assert.equal(answer.received, ANSWERED);
    });
  });
});
