import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatAddress,
  LogLevel,
  MessageResult,
  ReactRuntime,
  setLogLevel,
} from "../../mod.ts";
import { CountingAdapter } from "./counting_adapter.ts";
import type { Environment } from "./environment.ts";
import { openPair } from "./peers.ts";
import { open, type Triggered } from "./handler_triggers.ts";
import { echo, logging, PeerLines, sink, withRuntime } from "./support.ts";

const MAX_LINES = 10;

/**
 * Sends a byte, and ends when the other side does. Resolves to the reason that
 * the reactor was closed with.
 */
async function provoke(
  { peer, subject }: Triggered,
): Promise<Error | undefined> {
  peer.write(1);
  await peer.ended;
  peer.end();
  return subject.closed;
}

/** Log lines that peers cause are short and limited. */
export function peerLoggingPromises(environment: Environment): void {
  const { adapter, anyPort, connectPeer, dropped, eventually } = environment;
  describe(`${adapter.name}: what a peer causes is one short line`, () => {
    it("which names the peer, the handler, the error and its source location; onClose gets the whole error, Debug the stack", async () => {
      const log = new PeerLines();
      const error = new RangeError("no such thing");
      setLogLevel(LogLevel.Debug);
      try {
        await logging(
          log.sink,
          () =>
            withRuntime<string>(adapter, {}, async (runtime) => {
              const triggered = await open(environment, runtime, {
                onInboundMessage() {
                  throw error;
                },
              });
              const { ctx } = triggered;
              const from = formatAddress(ctx.socket.remoteAddress);
              assert.equal(await provoke(triggered), error);
              const [warning, debug] = log.lines;
              assert.equal(warning.level, LogLevel.Warn);
              const [line, place] = warning.parts as string[];
              assert.equal(
                line,
                `reactor ${ctx.id}, of ${from}: onInboundMessage failed: RangeError: no such thing`,
              );
              assert.match(place, /^at .*peer_logging\.[tj]s:\d+:\d+$/);
              assert.equal(debug.level, LogLevel.Debug);
              assert.equal(debug.parts[1], error);
            }),
        );
      } finally {
        setLogLevel(LogLevel.Info);
      }
    });

    it("the location is where the program went wrong, not where the library noticed, nor one from the message", async () => {
      const log = new PeerLines();
      let callCount = 0;
      await logging(
        log.sink,
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            const faults = [
              () => {
                try {
                  return MessageResult.dropMsgSize(-1);
                } finally {
                  callCount++; // not a tail call, which has no stack frame on Bun
                }
              },
              () => {
                throw new Error("x\n    at evil (file:///etc/passwd:1:1)");
              },
            ];
            for (const onInboundMessage of faults) {
              const triggered = await open(environment, runtime, {
                onInboundMessage,
              });
              await provoke(triggered);
            }
          }),
      );
      assert.equal(callCount, 1);
      assert.equal(log.lines.length, 2);
      for (const { parts: [line, place] } of log.lines) {
        assert.match(String(place), /peer_logging\.[tj]s:\d+:\d+$/);
        assert.ok(!String(line).includes("\n"));
      }
    });

    it("a bug in a handler is logged with its stack, at Error, the first time; then in one line", async () => {
      const log = new PeerLines();
      let countCalls = 0;
      const read = (value: unknown) => {
        try {
          return (value as { length: number }).length;
        } finally {
          countCalls++; // not a tail call, which has no stack frame on Bun
        }
      };
      await logging(
        log.sink,
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            for (let i = 0; i < 3; i++) {
              const opened = await open(environment, runtime, {
                onInboundMessage() {
                  read(undefined);
                  return MessageResult.dropMsgSize(1);
                },
              });
              assert.ok(await provoke(opened) instanceof TypeError);
            }
          }),
      );
      assert.equal(countCalls, 3);
      const { Error, Warn } = LogLevel;
      assert.deepEqual(log.lines.map(({ level }) => level), [
        Error,
        Warn,
        Warn,
      ]);
      const [first, second] = log.lines.map(({ parts }) => parts.map(String));
      assert.match(
        first[0],
        /^reactor .*: onInboundMessage failed: TypeError: /,
      );
      assert.ok(first.length >= 3, first.join());
      for (const place of first.slice(1, 3)) {
        assert.match(place, /^\n {4}at .*peer_logging\.[tj]s:\d+:\d+$/);
      }
      assert.equal(second.length, 2);
      assert.equal(first[1].trim(), second[1]);
    });

    it("with at most 200 characters of the error, none of which begins another line or moves a cursor", async () => {
      const messages = [
        "x".repeat(2 ** 20),
        "\n[2026-01-01T00:00:00.000Z] [ERROR] forged\r\u2028\u0085",
        "\x1b[2J\x9b2J\b\0\u202e\ud800",
      ];
      const log = new PeerLines();
      await logging(
        log.sink,
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            for (const message of messages) {
              const triggered = await open(environment, runtime, {
                onInboundMessage() {
                  throw Object.assign(new Error(message), { name: message });
                },
              });
              await provoke(triggered);
            }
          }),
      );
      assert.equal(log.lines.length, messages.length);
      for (const { parts } of log.lines) {
        const line = parts.join(" ");
        assert.ok(line.length < 1000, `${line.length} characters`);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }
    });

    it("at most ten in a second, and then the number of further ones: of messages, connections, completions, commands", async () => {
      const log = new PeerLines();
      const counting = new CountingAdapter(adapter);
      const fail = () => {
        throw new Error("again");
      };
      const begin = adapter.clock.now();
      let causedCount = 0;
      await logging(log.sink, async () => {
        const runtime = new ReactRuntime<string>({ adapter: counting });
        const wrong = [
          { onInboundMessage: fail },
          { onConnected: fail },
          { onReadable: fail },
          { onPeerEnd: fail },
          { onClose: fail },
        ];
        const listener = await runtime.listen(anyPort, {
          onNewConnection() {
            const handlers = wrong[causedCount++ % (wrong.length + 1)];
            if (handlers === undefined) throw new Error("not this one");
            return { reactor: sink<string>(handlers) };
          },
        });
        const address = listener.address;
        for (let i = 0; i < 60; i++) {
          const peer = await connectPeer(address);
          peer.write(1);
          peer.end();
          await Promise.race([peer.ended, peer.closed]);
          peer.destroy();
        }
        await eventually(() => runtime.connectionCount === 0, "all are gone");
        const { clientCtx } = await openPair<string>(environment, runtime);
        for (let i = 0; i < 100; i++) {
          runtime.cmdSender.sendUserCmd(clientCtx.id, "", {});
          runtime.cmdSender.sendUserCmd(clientCtx.id, "", {
            completion: fail,
          });
          clientCtx.sendOrQueue(Uint8Array.of(1), fail);
          causedCount += 3;
        }
        await runtime.stop();
        assert.equal(counting.armedTimers.size, 0);
      });
      const seconds = Math.ceil((adapter.clock.now() - begin) / 1000) + 1;
      assert.ok(log.lines.length <= MAX_LINES * seconds);
      assert.ok(log.lines.length >= MAX_LINES);
      assert.equal(log.count, causedCount);
    });

    it("and the count is logged when the second is over, without any other event", async () => {
      const log = new PeerLines();
      await logging(
        log.sink,
        () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            const { cmdSender } = runtime;
            for (let i = 0; i < 3 * MAX_LINES; i++) {
              cmdSender.sendUserCmd(1 as never, "");
            }
            await eventually(() => log.heldBackCount > 0, "the count");
            assert.equal(log.count, 3 * MAX_LINES);
          }),
      );
    });

    it("a connection beyond maxConnections is logged, and counted for the handler", async () => {
      const log = new PeerLines();
      await logging(
        log.sink,
        () =>
          withRuntime(adapter, {}, async (runtime) => {
            const counts: number[] = [];
            const listener = await runtime.listen(anyPort, {
              onNewConnection(listening) {
                counts.push(listening.dropCount);
                return { reactor: echo() };
              },
            }, { maxConnections: 1 });
            const address = listener.address;
            const first = await connectPeer(address);
            await eventually(() => counts.length === 1, "it is served");
            await dropped(address);
            await dropped(address);
            first.end();
            await first.closed;
            await eventually(
              () => runtime.connectionCount === 0,
              "it has closed",
            );
            await connectPeer(address);
            await eventually(
              () => counts.length === 2,
              "another one is served",
            );
            assert.deepEqual(counts, [0, 2]);
          }),
      );
      assert.equal(log.lines.length, 2);
      for (const { level, parts } of log.lines) {
        assert.equal(level, LogLevel.Warn);
        assert.match(
          parts.join(" "),
          /^the listener on \S+ dropped a connection of \S+:\d+: maxConnections is 1$/,
        );
      }
    });
  });
}
