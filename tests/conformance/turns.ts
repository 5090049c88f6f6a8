import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  Deferred,
  InvalidOptionError,
  MessageResult,
  type Reactor,
  type ReactRuntime,
  type TcpSocket,
} from "../../mod.ts";
import { withCounting } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { idleRuntimePromises } from "./idle_runtime.ts";
import { openPair, type Pair, serve, watched } from "./peers.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  signal,
  sink,
} from "./support.ts";

const MIB = 2 ** 20;
const ONE = Uint8Array.of(1);

/** Sends `count` single bytes. */
function sendOften(ctx: Context<string>, count: number): void {
  for (let i = 0; i < count; i++) ctx.sendOrQueue(ONE);
}

/** The sends of a turn go out at its end, in as few writes as possible. */
export function turnPromises(environment: Environment): void {
  writePromises(environment);
  lendingPromises(environment);
  idleRuntimePromises(environment);
}

/** A pair whose client counts what it receives. */
async function openCounted(
  environment: Environment,
  runtime: ReactRuntime<string>,
  handlers: Partial<Reactor<string>>,
): Promise<Pair<string> & { received: () => number }> {
  let received = 0;
  const pair = await openPair<string>(environment, runtime, handlers, {
    onInboundMessage(buf) {
      received += buf.length;
      return MessageResult.dropMsgSize(buf.length);
    },
  });
  return { ...pair, received: () => received };
}

function writePromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually } = environment;
  describe(`${adapter.name}: writes of a turn`, () => {
    /** Checks that 100 sends caused by `cause` result in one write. */
    function oneWrite(
      name: string,
      handlers: Partial<Reactor<string>>,
      cause: (runtime: ReactRuntime<string>, pair: Pair<string>) => void,
    ): void {
      it(`100 small sends ${name} make one write`, () =>
        withCounting(environment, async (runtime, counting) => {
          const pair = await openCounted(environment, runtime, handlers);
          const before = counting.wrapperOf(pair.serverCtx.socket).writeCount;
          cause(runtime, pair);
          await eventually(() => pair.received() >= 100, "all are in");
          assert.equal(pair.received(), 100);
          // While connecting, everything may have happened before.
          const begin = name.startsWith("on connecting") ? 0 : before;
          assert.equal(
            counting.wrapperOf(pair.serverCtx.socket).writeCount - begin,
            1,
          );
        }));
    }

    oneWrite("on connecting", {
      onConnected: (ctx) => sendOften(ctx, 100),
    }, () => {});

    oneWrite("in one inbound message", {
      onInboundMessage(buf, ctx) {
        sendOften(ctx, 100);
        return MessageResult.dropMsgSize(buf.length);
      },
    }, (_runtime, { clientCtx }) => {
      clientCtx.sendOrQueue(ONE);
    });

    oneWrite("in answer to 100 messages that came together", {
      onInboundMessage(_buf, ctx) {
        ctx.sendOrQueue(ONE);
        return MessageResult.dropMsgSize(1);
      },
    }, (_runtime, { clientCtx }) => {
      clientCtx.sendOrQueue(pattern(0, 100));
    });

    oneWrite("in 100 commands sent together", {
      onCommand: (_cmd, ctx) => void ctx.sendOrQueue(ONE),
    }, (runtime, { serverCtx }) => {
      for (let i = 0; i < 100; i++) {
        runtime.cmdSender.sendUserCmd(serverCtx.id, "send");
      }
    });

    oneWrite("in one deferred command", {
      onCommand: (_cmd, ctx) => sendOften(ctx, 100),
    }, (runtime, { serverCtx }) => {
      runtime.cmdSender.sendUserCmd(serverCtx.id, "send", {
        deferred: Deferred.after(5),
      });
    });

    oneWrite("in a completion of a command", {}, (runtime, { serverCtx }) => {
      runtime.cmdSender.sendUserCmd(serverCtx.id, "?", {
        completion: () => sendOften(serverCtx, 100),
      });
    });

    oneWrite("by another reactor", {}, (_runtime, { serverCtx, clientCtx }) => {
      clientCtx.sendOrQueue(ONE, () => sendOften(serverCtx, 100));
    });

    oneWrite("outside of any handler", {}, (_runtime, { serverCtx }) => {
      sendOften(serverCtx, 100);
    });

    it("socket options that onNewConnection sets stay, whatever the defaults", () =>
      withCounting(environment, async (runtime, counting) => {
        const server = watched<string>();
        let given!: TcpSocket;
        const listener = await runtime.listen(anyPort, {
          onNewConnection(_listener, socket) {
            given = socket;
            socket.setNoDelay(false);
            socket.setKeepAlive({ idleMs: 5000 });
            return { reactor: server.reactor, keepAlive: true };
          },
        });
        await runtime.connect(listener.address, sink());
        const { socket } = await server.connected;
        const { noDelay, keepAlive } = counting.wrapperOf(socket).options;
        assert.equal(noDelay, false);
        assert.deepEqual(keepAlive, {
          idleMs: 5000,
          intervalMs: 1000,
          count: 10,
        });
        assert.equal(given, socket);
      }));

    it("TCP_NODELAY is on and keep-alive off, unless the options of the runtime, of a connect, or of an accepted connection say otherwise", () =>
      withCounting(environment, async (runtime, counting) => {
        const servers: Context<string>[] = [];
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => ({
            reactor: sink({ onConnected: (ctx) => void servers.push(ctx) }),
            keepAlive: servers.length > 0,
          }),
        });
        const address = listener.address;
        const clients: Context<string>[] = [];
        const client = sink<string>({
          onConnected: (ctx) => void clients.push(ctx),
        });
        await runtime.connect(address, client);
        await eventually(() => servers.length === 1, "the first is accepted");
        await runtime.connect(address, client, {
          noDelay: false,
          keepAlive: true,
        });
        await eventually(() => servers.length === 2, "the second is accepted");
        const usual = { idleMs: 60_000, intervalMs: 1000, count: 10 };
        const [first, second] = clients.map(({ socket }) =>
          counting.wrapperOf(socket).options
        );
        const [accepted, keptAlive] = servers.map(({ socket }) =>
          counting.wrapperOf(socket)
        );
        assert.deepEqual([first.noDelay, first.keepAlive], [true, undefined]);
        assert.deepEqual([second.noDelay, second.keepAlive], [false, usual]);
        assert.equal(accepted.options.noDelay, true);
        assert.equal(accepted.options.keepAlive, undefined);
        assert.deepEqual(keptAlive.options.keepAlive, usual);
        servers[1].socket.setKeepAlive(false);
        assert.equal(keptAlive.options.keepAlive, false);
        servers[1].socket.setKeepAlive({ idleMs: 5000, count: 3 });
        assert.deepEqual(keptAlive.options.keepAlive, {
          idleMs: 5000,
          intervalMs: 1000,
          count: 3,
        });
        for (const wrong of [{ count: 0 }, { idleMs: 999 }, 1, null]) {
          assert.throws(
            () => servers[1].socket.setKeepAlive(wrong as never),
            InvalidOptionError,
          );
        }
        servers[1].socket.setKeepAlive(true);
        assert.deepEqual(keptAlive.options.keepAlive, usual);
      }));

    it("100 sends at the peer's end make one write", () =>
      withCounting(environment, async (runtime, counting) => {
        const server = watched<string>({
          onPeerEnd: (ctx) => sendOften(ctx, 100),
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        peer.end();
        await peer.has(100);
        assert.equal(
          counting.wrapperOf((await server.connected).socket).writeCount,
          1,
        );
      }));

    it("100 sends in a send completion make one write", () =>
      withCounting(environment, async (runtime, counting) => {
        const { serverCtx, received } = await openCounted(
          environment,
          runtime,
          {},
        );
        serverCtx.sendOrQueue(ONE, () => sendOften(serverCtx, 100));
        await eventually(() => received() >= 101, "all are in");
        assert.equal(counting.wrapperOf(serverCtx.socket).writeCount, 2);
      }));

    it("close goes out with what was sent before, in one write and one FIN", () =>
      withCounting(environment, async (runtime, counting) => {
        const { serverCtx, client, received } = await openCounted(
          environment,
          runtime,
          {},
        );
        sendOften(serverCtx, 100);
        serverCtx.close();
        await client.closed;
        assert.equal(received(), 100);
        assert.equal(counting.wrapperOf(serverCtx.socket).writeCount, 1);
        assert.equal(counting.wrapperOf(serverCtx.socket).shutdownCount, 1);
      }));

    it("a fan-out of connections whose data came together makes far fewer writes than sends", () =>
      withCounting(environment, async (runtime, counting) => {
        const target = await openCounted(environment, runtime, {});
        const sources = await Promise.all(
          Array.from(
            { length: 20 },
            () =>
              openPair<string>(environment, runtime, {
                onInboundMessage(buf) {
                  sendOften(target.serverCtx, buf.length);
                  return MessageResult.dropMsgSize(buf.length);
                },
              }),
          ),
        );
        for (let round = 1; round <= 10; round++) {
          for (const { clientCtx } of sources) {
            clientCtx.sendOrQueue(pattern(0, 5));
          }
          await eventually(
            () => target.received() === round * 100,
            "all are in",
          );
        }
        const { writeCount } = counting.wrapperOf(target.serverCtx.socket);
        assert.ok(writeCount <= 100, `${writeCount} writes of 1,000 sends`);
      }));

    it("a large queue is written before the end of the turn", () =>
      withCounting(environment, async (runtime, counting) => {
        let writesInside = 0;
        const { serverCtx, received } = await openCounted(
          environment,
          runtime,
          {
            onCommand(_cmd, ctx) {
              for (let i = 0; i < 1024; i++) ctx.sendOrQueue(pattern(0, 1024));
              writesInside = counting.wrapperOf(ctx.socket).writeCount;
            },
          },
        );
        runtime.cmdSender.sendUserCmd(serverCtx.id, "send");
        await eventually(() => received() === MIB, "all are in");
        assert.ok(writesInside >= 1);
        const { writeCount } = counting.wrapperOf(serverCtx.socket);
        assert.ok(writeCount <= 128, `${writeCount} writes of 1,024 sends`);
      }));
  });
}

function lendingPromises(environment: Environment): void {
  const { adapter, sleep } = environment;
  describe(`${adapter.name}: bytes in the socket's hands`, () => {
    it("writes never overlap and borrowed bytes stay as they are, with a slow reader", () =>
      withCounting(environment, async (runtime, counting) => {
        const size = 8 * MIB;
        const bytes = pattern(0, size);
        const checker = new PatternChecker();
        const { serverCtx, clientCtx, client } = await openPair<string>(
          environment,
          runtime,
          {},
          {
            onInboundMessage(buf, ctx) {
              checker.check(buf);
              ctx.pauseReading();
              adapter.clock.setTimer(() => ctx.resumeReading(), 1);
              return MessageResult.dropMsgSize(buf.length);
            },
          },
        );
        // Small, medium and large sends; each buffer is reused at once.
        const buffer = new Uint8Array(200_000);
        let position = 0;
        let step = 1;
        while (position < size) {
          step = step * 7 % 199_999;
          const next = Math.min(size, position + 1 + step);
          buffer.set(bytes.subarray(position, next));
          serverCtx.sendOrQueue(buffer.subarray(0, next - position));
          buffer.fill(0xee);
          position = next;
          if (step % 16 === 0) await sleep(0);
        }
        serverCtx.close();
        clientCtx.resumeReading();
        await client.closed;
        assert.equal(checker.received, size);
        assert.equal(counting.wrapperOf(serverCtx.socket).bytesAccepted, size);
      }));

    it("many connections at once do not mix up their buffers", () =>
      withCounting(environment, async (runtime) => {
        const size = MIB / 2;
        const address = await serve<string>(environment, runtime, () => ({
          onInboundMessage(buf, ctx) {
            for (let at = 0; at < buf.length; at += 1000) {
              ctx.sendOrQueue(buf.subarray(at, at + 1000));
            }
            return MessageResult.dropMsgSize(buf.length);
          },
        }));
        const checkers = Array.from({ length: 8 }, () => new PatternChecker());
        await Promise.all(
          checkers.map(async (checker) => {
            const done = signal();
            await runtime.connect(address, {
              onConnected: (ctx) => void ctx.sendOrQueue(pattern(0, size)),
              onInboundMessage(buf) {
                checker.check(buf);
                if (checker.received === size) done.resolve();
                return MessageResult.dropMsgSize(buf.length);
              },
            });
            await done.promise;
          }),
        );
      }));

    it("an abort in the middle of a write keeps the contract", () =>
      withCounting(environment, async (runtime) => {
        for (let round = 0; round < 5; round++) {
          const { serverCtx, clientCtx, server, client } = await openPair<
            string
          >(environment, runtime);
          clientCtx.pauseReading();
          for (let i = 0; i < 40; i++) {
            serverCtx.sendOrQueue(pattern(0, 100_000));
          }
          serverCtx.sender.flush();
          serverCtx.abort();
          serverCtx.sendOrQueue(ONE);
          await server.closed;
          clientCtx.abort();
          await client.closed;
        }
      }));
  });
}
