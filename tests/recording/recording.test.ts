import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import {
  type ConnectionRecording,
  type DispatchContext,
  InvalidCallbackError,
  InvalidOptionError,
  InvalidRecordingError,
  type LogRecord,
  MessageResult,
  type Reactor,
  ReactRuntime,
  readRecording,
  recordBy,
  type Recorder,
  recordTo,
  recordToFile,
  SimNetwork,
  simulate,
  type Simulation,
  type Socket,
  type Tap,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { EventKind, eventOf, readVarint } from "../../src/recording/format.ts";
import { Tails } from "../../src/inspector/view/tails.ts";
import { engineOf } from "../../src/runtime.ts";
import { addTap, removeTap } from "../../src/api/taps.ts";
import { watched } from "../conformance/peers.ts";
import {
  ANY_PORT,
  echo,
  logging,
  quietly,
  sink,
} from "../conformance/support.ts";
import { serveTls } from "../conformance/tls_server.ts";
import { ca, server } from "../support/certificates.ts";
import { WrappedAdapter, WrappedSocket } from "../support/wrapped_adapter.ts";

const folder = mkdtempSync(join(tmpdir(), "reactio-"));
after(() => rmSync(folder, { recursive: true }));

/** A recorder of one connection, and what it has recorded. */
class Memory {
  readonly pieces: Uint8Array[] = [];
  readonly recorder: Recorder;

  constructor(options = {}) {
    this.recorder = recordTo(
      () => (bytes) => void this.pieces.push(bytes),
      options,
    );
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.pieces.flatMap((piece) => [...piece]));
  }

  get recording(): ConnectionRecording {
    return readRecording(this.bytes);
  }
}

/** Events in short: `received 1,2`. */
function short({ events }: ConnectionRecording): string[] {
  return events.map(({ type, bytes }) => `${type} ${bytes}`.trim());
}

/** Messages of a length byte and a body, which are sent back. It has a bug: it takes no message whose length comes alone. */
function buggy(isMended = false): Reactor {
  return {
    onInboundMessage(buf, ctx) {
      if (buf.length === 1 && !isMended) {
        throw new RangeError("a length without a body");
      }
      const size = 1 + buf[0];
      if (buf.length < size) return MessageResult.expectMsgSize(size);
      ctx.sendOrQueue(buf.subarray(0, size));
      return MessageResult.dropMsgSize(size);
    },
  };
}

/** Sends a byte, and closes at the answer. */
const asksOnce: Reactor = {
  onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
  onInboundMessage(buf, ctx) {
    ctx.close();
    return MessageResult.dropMsgSize(buf.length);
  },
};

describe("a connection that is recorded", () => {
  it("to a file shows its bug again in a simulation, and that it is mended", async () => {
    const path = join(folder, "bug.rec");
    const served = watched(buggy());
    const record = recordToFile(path);
    await quietly(() =>
      onRealSockets(async (runtime) => {
        const { address } = await runtime.listen(ANY_PORT, {
          onNewConnection: () => ({ reactor: served.reactor, record }),
        });
        const client = watched({
          onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(2, 7, 7)),
          onInboundMessage(buf, ctx) {
            ctx.sendOrQueue(Uint8Array.of(3));
            ctx.after(20, () => void ctx.sendOrQueue(Uint8Array.of(1, 2, 3)));
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await runtime.connect(address, client.reactor);
        assert.ok(await served.closed instanceof RangeError);
        // Whoever comes later is not recorded: there is one file.
        await (await runtime.connect(address, sink())).close();
      })
    );
    if (process.platform !== "win32") {
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
    const recording = readRecording(readFileSync(path));
    assert.deepEqual(short(recording), [
      "received 2,7,7",
      "sent 2,7,7",
      "received 3",
      "end",
      "peerEnd",
    ]);
    assert.equal(recording.isAccepted, true);
    assert.match(recording.remoteAddress, /^127\.0\.0\.1:\d+$/);
    assert.ok(Math.abs(recording.startedAt - Date.now()) < 60_000);
    assert.equal(recording.ending, "closed");
    assert.equal(recording.reason, "RangeError: a length without a body");

    await quietly(() =>
      play(async (sim) => {
        const again = await sim.replay(recording, buggy());
        assert.ok(again.reason instanceof RangeError);
        assert.equal(again.hasClosed, true);
        assert.deepEqual([...again.sent], [2, 7, 7]);
        const mended = await sim.replay(recording, buggy(true));
        assert.deepEqual(
          [mended.hasClosed, mended.reason, mended.differsAt],
          [false, undefined, undefined],
        );
        const other = await sim.replay(recording, sink());
        assert.equal(other.differsAt, 0);
      })
    );
  });

  it("has the end that connected, and what is said in TLS as it was before", async () => {
    const memory = new Memory();
    const client = watched({
      onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1, 2)),
      onInboundMessage(buf, ctx) {
        if (buf.length < 2) return MessageResult.expectMsgSize(2);
        ctx.end();
        return MessageResult.dropMsgSize(2);
      },
    });
    await onRealSockets(async (runtime) => {
      const { address } = await serveTls(runtime, server);
      await runtime.connect(address, client.reactor, {
        tls: { ca },
        record: memory.recorder,
      });
      assert.equal(await client.closed, undefined);
    });
    const { recording } = memory;
    assert.equal(recording.isAccepted, false);
    assert.equal(recording.ending, "closed");
    assert.deepEqual(short(recording), [
      "sent 1,2",
      "received 1,2",
      "end",
      "peerEnd",
    ]);
    await play(async (sim) => {
      const again = watched({
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1, 2)),
        onInboundMessage(buf, ctx) {
          ctx.end();
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      const { hasClosed, reason, differsAt } = await sim.replay(
        recording,
        again.reactor,
      );
      assert.deepEqual([hasClosed, reason, differsAt], [
        true,
        undefined,
        undefined,
      ]);
    });
  });

  it("has the id by which the log and events name it, when its sink is made and in the recording", () =>
    onRealSockets(async (runtime) => {
      const pieces: Uint8Array[] = [];
      const ids: number[] = [];
      const record = recordTo(({ id }) => {
        ids.push(id);
        return (bytes) => void pieces.push(bytes);
      });
      const { address } = await runtime.listen(ANY_PORT, {
        onNewConnection: () => ({ reactor: sink() }),
      });
      const client = watched(sink());
      const connection = await runtime.connect(address, client.reactor, {
        record,
      });
      await connection.close();
      await client.closed;
      const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
      assert.deepEqual(ids, [connection.id]);
      assert.equal(readRecording(bytes).id, connection.id);
    }));

  it("is played in the pieces and at the times of then, to the microsecond, and ends as it did", () =>
    play(async (sim) => {
      const memory = new Memory();
      const times: number[] = [];
      const pieces: number[] = [];
      const noting = (base: () => number): Reactor => ({
        onInboundMessage(buf) {
          times.push(sim.now() - base());
          pieces.push(buf.length);
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      let begunAt = 0;
      sim.host("server", { writes: "counts" });
      await sim.runtime("server").listen("server:1", {
        onNewConnection() {
          begunAt = sim.now();
          return { reactor: noting(() => begunAt), record: memory.recorder };
        },
      });
      const client = await sim.runtime("client").connect("server:1", {
        ...sink(),
        onConnected(ctx) {
          for (const [ms, size] of [[5, 3], [5.2, 1], [900, 40_000]]) {
            ctx.after(ms, () => void ctx.sendOrQueue(new Uint8Array(size)));
          }
        },
      });
      await sim.sleep(1000);
      await client.abort();
      await sim.sleep(10);
      assert.equal(memory.recording.ending, "lost");
      const [before, sizes] = [times.splice(0), pieces.splice(0)];
      assert.deepEqual(sizes, [3, 1, 40_000]);
      const replayedAt = sim.now();
      let startedAt = 0;
      const { reason, hasClosed } = await sim.replay(memory.recording, {
        ...noting(() => startedAt),
        onConnected: () => void (startedAt = sim.now()),
      });
      assert.deepEqual(pieces, sizes);
      for (const [i, ms] of times.entries()) {
        assert.ok(Math.abs(ms - before[i]) < 0.5, `${ms} and ${before[i]}`);
      }
      assert.equal(hasClosed, true);
      assert.equal(reason?.name, "ConnectionResetError");
      const lasted = sim.now() - replayedAt;
      assert.ok(lasted > 1000 && lasted < 1100, `${lasted} ms`);
    }));

  it("is bounded in bytes and in time, and says which bound it was", () =>
    play(async (sim) => {
      const [bytes, time] = [
        new Memory({ maxBytes: 10 }),
        new Memory({ maxMs: 1000 }),
      ];
      const recorders = [bytes.recorder, time.recorder];
      await sim.runtime("server").listen("server:1", {
        onNewConnection: () => ({ reactor: sink(), record: recorders.shift() }),
      });
      const runtime = sim.runtime("client");
      for (let i = 0; i < 2; i++) {
        const connection = await runtime.connect("server:1", {
          ...sink(),
          onConnected: (ctx) =>
            void ctx.every(
              300,
              () => void ctx.sendOrQueue(Uint8Array.of(1, 2, 3)),
            ),
        });
        await sim.sleep(3000);
        await connection.abort();
      }
      await sim.sleep(10);
      assert.equal(bytes.recording.ending, "maxBytes");
      assert.equal(bytes.recording.events.length, 3);
      assert.equal(time.recording.ending, "maxMs");
      assert.equal(time.recording.events.length, 3);
    }));

  const failure = new Error("no room");
  const fails = (): never => {
    throw failure;
  };
  const rejects = () => Promise.reject(failure);
  const failing: [string, Recorder][] = [
    ["its recorder throws", recordTo(fails)],
    ["its recorder rejects", recordTo(rejects as never)],
    ["its path rejects", recordToFile(rejects as never)],
    ["its sink throws", recordTo(() => fails)],
    ["its sink rejects", recordTo(() => rejects)],
    ["what chooses its tap throws", recordBy(fails)],
    [
      "its tap throws",
      recordBy(() => ({ onReceived: fails, onSent: fails })),
    ],
    [
      "its tap throws at the end",
      recordBy(() => ({
        onReceived() {},
        onSent() {},
        onPeerEnd: fails,
        onEnd: fails,
        onClosed: fails,
      })),
    ],
    [
      "a call that its tap has put off throws",
      recordBy((_connection, host) => {
        host.defer(fails);
        return { onReceived() {}, onSent() {} };
      }),
    ],
  ];
  for (const [what, record] of failing) {
    it(`goes on if ${what}, which costs a line`, () =>
      play(async (sim) => {
        const server = sim.runtime("server");
        await server.listen("server:1", {
          onNewConnection: () => ({ reactor: echo(), record }),
        });
        const client = watched(asksOnce);
        await sim.runtime("client").connect("server:1", client.reactor);
        assert.equal(await client.closed, undefined);
        await sim.sleep(100);
        assert.deepEqual(server.stats().closed, { ok: 1 });
        const told = sim.network.trace.filter((line) =>
          /its recording failed: \w*Error: /.test(line)
        );
        assert.equal(told.length, 1);
      }));
  }

  it("that its recorder stops before it begins is heard by nobody", () =>
    play(async (sim) => {
      const heard: number[] = [];
      const record = recordBy((_connection, host) => {
        host.stop();
        return {
          onReceived: (_buffer, length) => void heard.push(length),
          onSent() {},
        };
      });
      await sim.runtime("server").listen("server:1", {
        onNewConnection: () => ({ reactor: echo(), record }),
      });
      const client = watched(asksOnce);
      await sim.runtime("client").connect("server:1", client.reactor);
      assert.equal(await client.closed, undefined);
      assert.deepEqual(heard, []);
    }));

  for (
    const [how, ending, end] of [
      ["abort", "closed", (ctx) => ctx.abort()],
      ["abort after a close", "closed", (ctx) => {
        ctx.close();
        ctx.abort();
      }],
      ["abort after an end", "closed", (ctx) => {
        ctx.end();
        ctx.abort();
      }],
      [
        "send too much",
        "closed",
        (ctx) => void ctx.sendOrQueue(new Uint8Array(101)),
      ],
    ] as const satisfies readonly (readonly [
      string,
      string,
      (ctx: DispatchContext) => void,
    ])[]
  ) {
    it(`has sent no FIN if its handlers ${how}`, () =>
      play(async (sim) => {
        const memory = new Memory();
        const served = watched({
          onInboundMessage(buf, ctx) {
            end(ctx);
            return MessageResult.dropMsgSize(buf.length);
          },
        });
        await sim.runtime("server").listen("server:1", {
          onNewConnection: () => ({
            reactor: served.reactor,
            record: memory.recorder,
            maxSendQueue: 100,
          }),
        });
        await sim.runtime("client").connect("server:1", {
          ...sink(),
          onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
        });
        await served.closed;
        await sim.sleep(1);
        assert.deepEqual(short(memory.recording), ["received 1"]);
        assert.equal(memory.recording.ending, ending);
      }));
  }

  it("is lost if it is gone without a reason before either end has ended", async () => {
    const network = new SimNetwork();
    const adapter = new Reticent(network.host("server").adapter);
    const runtime = new ReactRuntime({ adapter });
    const lost: boolean[] = [];
    const record = recordBy(() => ({
      onReceived() {},
      onSent() {},
      onClosed: (_reason, isLost) => void lost.push(isLost),
    }));
    const served = watched();
    await runtime.listen("server:1", {
      onNewConnection: () => ({ reactor: served.reactor, record }),
    });
    const client = new ReactRuntime({
      adapter: network.host("client").adapter,
    });
    const connection = await client.connect("server:1", sink());
    await served.connected;
    await connection.abort();
    assert.equal((await served.closed)?.name, "ConnectionResetError");
    await runtime.stop();
    await client.stop();
    assert.deepEqual(lost, [true]);
  });

  it("leaves a file alone that is there", async () => {
    const path = join(folder, "mine");
    writeFileSync(path, "mine");
    const lines: LogRecord[] = [];
    await logging(
      (line) => void lines.push(line),
      () =>
        onRealSockets(async (runtime) => {
          const { address } = await runtime.listen(ANY_PORT, {
            onNewConnection: () => ({ reactor: sink() }),
          });
          const opened = await runtime.connect(address, sink(), {
            record: recordToFile(() => path),
          });
          await opened.close();
          const none = await runtime.connect(address, sink(), {
            record: recordToFile(() => undefined),
          });
          await none.close();
        }),
    );
    assert.equal(readFileSync(path, "utf8"), "mine");
    assert.equal(lines.length, 1);
    assert.ok(!existsSync(join(folder, "undefined")));
  });

  it("is not made by anything but a recorder, nor of all connections of threads", async () => {
    const runtime = new ReactRuntime();
    for (const record of [1, {}, () => {}, "file.rec"]) {
      await assert.rejects(
        runtime.connect("127.0.0.1:1", sink(), { record } as object),
        InvalidOptionError,
      );
    }
    await runtime.stop();
    const module = import.meta.url;
    const options = {
      threads: 1,
      module,
      runtime: { record: new Memory().recorder },
    };
    await assert.rejects(
      ThreadedReactorMgr.start(options as object as never),
      InvalidOptionError,
    );
  });
});

describe("what is recorded to", () => {
  it("is a function, or a path, and is refused if it is neither", () => {
    const wrong = [undefined, 1, {}, Promise.reject(new Error("unheard"))];
    for (const given of wrong) {
      assert.throws(() => recordTo(given as never), InvalidCallbackError);
      assert.throws(() => recordToFile(given as never), InvalidCallbackError);
    }
  });
});

describe("a recording", () => {
  it("is bytes, and nothing else is read as one", () => {
    for (const given of [undefined, "x", [1], new ArrayBuffer(8)]) {
      assert.throws(() => readRecording(given as never), InvalidRecordingError);
    }
  });

  it("has times and sizes that fit no 32 bits", () => {
    const hourMicros = 3_600_000_000;
    for (const micros of [0, 127, 128, 2 ** 31, hourMicros, 2 ** 50]) {
      const event = eventOf(EventKind.Sent, micros, Uint8Array.of(7));
      const found = readVarint(event, 1);
      assert.equal(found?.value, micros);
      assert.deepEqual(readVarint(event, found.end), {
        value: 1,
        end: found.end + 1,
      });
    }
    assert.equal(readVarint(Uint8Array.of(128, 128), 0), undefined);
  });

  /** A recording of every kind of event. */
  async function sample(): Promise<Uint8Array> {
    const memory = new Memory();
    await play(async (sim) => {
      await sim.runtime("server").listen("server:1", {
        onNewConnection: () => ({ reactor: echo(), record: memory.recorder }),
      });
      const client = watched({
        onConnected(ctx) {
          ctx.sendOrQueue(new Uint8Array(300).fill(7));
          ctx.after(400, () => void ctx.sendOrQueue(Uint8Array.of(1)));
          ctx.after(500, () => ctx.end());
        },
        onPeerEnd() {},
      });
      await sim.runtime("client").connect("server:1", client.reactor);
      await client.closed;
    });
    return memory.bytes;
  }

  it("that ends early says so, wherever that is, and has what is whole", async () => {
    const bytes = await sample();
    const whole = readRecording(bytes);
    assert.equal(whole.ending, "closed");
    assert.ok(whole.endsAtMs >= 500);
    const start = bytes.indexOf(0x0a) + 1;
    let cutCount = 0;
    for (let size = 0; size < bytes.length; size++) {
      try {
        const part = readRecording(bytes.subarray(0, size));
        cutCount++;
        assert.equal(part.ending, "cut");
        const { length } = part.events;
        assert.deepEqual(part.events, whole.events.slice(0, length));
      } catch (error) {
        assert.ok(error instanceof InvalidRecordingError, `${error}`);
        assert.ok(size < start + 200);
      }
    }
    assert.ok(cutCount > 300, `${cutCount}`);
    assert.equal(
      new TextDecoder().decode(bytes.subarray(0, start)),
      "reactio-recording 1\n",
    );
  });

  it("that is damaged is refused, or read as far as it is whole, and nothing else comes of it", async () => {
    const bytes = await sample();
    const whole = readRecording(bytes);
    let refusedCount = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 0x80]) {
        const damaged = bytes.slice();
        damaged[at] ^= bit;
        try {
          const { events, ending } = readRecording(damaged);
          assert.equal(ending, "cut", `at ${at}`);
          assert.deepEqual(events, whole.events.slice(0, events.length));
        } catch (error) {
          assert.ok(error instanceof InvalidRecordingError, `${error}`);
          refusedCount++;
        }
      }
    }
    assert.ok(refusedCount > bytes.length, `${refusedCount}`);
    for (
      const [text, message] of [
        ["", /begin with "reactio-recording"/],
        ["GET / HTTP/1.0\r\n", /begin with "reactio-recording"/],
        ["reactio-recording 2\n", /version 2/],
        ["reactio-recording 1\n", /damaged at byte 20/],
      ] as const
    ) {
      assert.throws(
        () => readRecording(new TextEncoder().encode(text)),
        message,
      );
    }
  });
});

describe("a tap", () => {
  it("hears what others hear as well, until it is removed", () => {
    const heard: string[] = [];
    const [one, two, three] = ["1", "2", "3"].map((name): Tap => ({
      onReceived: (_buffer, length) => void heard.push(`${name} in ${length}`),
      onSent: (_buffer, start, end) =>
        void heard.push(`${name} out ${end - start}`),
    }));
    const tapped: { tap: Tap | undefined } = { tap: undefined };
    for (const tap of [one, two, three]) addTap(tapped, tap);
    tapped.tap?.onReceived(new Uint8Array(2), 2);
    removeTap(tapped, two);
    tapped.tap?.onSent(new Uint8Array(2), 1, 2);
    assert.deepEqual(heard.splice(0), [
      "1 in 2",
      "2 in 2",
      "3 in 2",
      "1 out 1",
      "3 out 1",
    ]);
    removeTap(tapped, one);
    assert.equal(tapped.tap, three);
    removeTap(tapped, two);
    assert.equal(tapped.tap, three);
    removeTap(tapped, three);
    assert.equal(tapped.tap, undefined);
  });

  it("of an inspector hears what is recorded, and hinders nobody", () => {
    const heard: number[] = [];
    const recorded: Tap = {
      onReceived: (_buffer, length) => void heard.push(length),
      onSent() {},
    };
    const tapped: { tap: Tap | undefined } = { tap: undefined };
    addTap(tapped, recorded);
    const tails = new Tails(engineOf(new ReactRuntime()).loop);
    tails.ask(1, tapped, 0);
    tapped.tap?.onReceived(Uint8Array.of(1, 2), 2);
    const { pieces } = tails.ask(1, tapped, 0);
    assert.deepEqual(pieces, [{ direction: "in", size: 2, bytes: "0102" }]);
    tails.close();
    assert.equal(tapped.tap, recorded);
    assert.deepEqual(heard, [2]);
  });
});

/** Sockets that do not say why they are gone. */
class Reticent extends WrappedAdapter<WrappedSocket> {
  protected override wrap(socket: Socket): WrappedSocket {
    return new ReticentSocket(socket);
  }
}

class ReticentSocket extends WrappedSocket {
  override onClose(): void {
    super.onClose();
  }
}

/** Runs `body` with a runtime on real sockets. */
async function onRealSockets(
  body: (runtime: ReactRuntime) => Promise<void>,
): Promise<void> {
  const runtime = new ReactRuntime();
  try {
    await body(runtime);
  } finally {
    await runtime.stop({ graceMs: 0 });
  }
}

/** Plays a scenario once, without faults. */
async function play(
  scenario: (sim: Simulation) => Promise<void>,
): Promise<void> {
  await simulate({ seeds: 1 }, scenario);
}
