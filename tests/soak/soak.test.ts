import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { flood, type RuntimeName, soak } from "../../soak/conductor.ts";
import {
  BODIES,
  FrameChecker,
  FrameSeries,
  HEADER_SIZE,
  makeTag,
  type Side,
  WrongBytesError,
} from "../../soak/frames.ts";
import {
  type EndReport,
  judge,
  judgeAlone,
} from "../../soak/connection_ledger.ts";
import {
  type FloodReport,
  format,
  formatFloods,
  GROWTH_BOUND,
  type SoakReport,
  verdict,
} from "../../soak/report.ts";
import { hostAdapter, SimRandom } from "../../mod.ts";

const TAG = makeTag(7, { echo: false, sizeClass: 1, raw: false });

/** The first `count` frames of a series. */
function frames(count: number, side: Side): Uint8Array {
  const series = new FrameSeries(TAG, side);
  const all: number[] = [];
  for (let n = 0; n < count; n++) {
    const frame = new Uint8Array(series.sizeOf(n));
    const body = series.bodyOf(n);
    series.writeHeader(n, frame);
    frame.set(
      BODIES.subarray(body, body + frame.length - HEADER_SIZE),
      HEADER_SIZE,
    );
    all.push(...frame);
  }
  return Uint8Array.from(all);
}

/** An end that sent and received ten frames and went cleanly, but for `changes`. */
function end(side: Side, changes: Partial<EndReport> = {}): EndReport {
  return {
    tag: TAG,
    side,
    story: "",
    accepted: 1000,
    received: 1000,
    framesSent: 10,
    framesReceived: 10,
    heardFin: true,
    cut: false,
    lost: false,
    heardGarbage: false,
    answeredAll: side === "server",
    ...changes,
  };
}

describe("the soak", () => {
  it("of some seconds verifies every byte under faults, and no promise is broken", async () => {
    const report = await soak(hostAdapter().name as RuntimeName, 3, 1);
    assert.deepEqual(report.broken, []);
    assert.equal(report.brokenCount, 0);
    for (
      const what of [
        "bytes",
        "messages",
        "connections",
        "completions",
        "commands",
      ] as const
    ) {
      assert.ok(report[what] > 20, `${what}: ${report[what]}`);
    }
    for (
      const fault of [
        "stall",
        "reset",
        "half-close",
        "byte by byte",
        "garbage length",
        "FIN within a frame",
        "socket destroyed",
        "silence",
        "send rejected",
        "send queue full",
        "idle timeout",
        "reading paused",
      ]
    ) {
      assert.ok(report.faults[fault] > 0, `${fault}: ${report.faults[fault]}`);
    }
    assert.ok(report.memory.length >= 2);
    assert.ok(
      report.memory.every(({ rss, heapUsed }) => rss > 0 && heapUsed > 0),
    );
  });

  it("floods connections of every kind from both ends, and no promise is broken", async () => {
    const { name, transports } = hostAdapter();
    const played = new Set<string>();
    for (const seed of [4, 5, 6, 7]) {
      const report = await flood(name as RuntimeName, seed);
      const { broken, brokenCount, bytes } = report;
      assert.deepEqual({ seed, broken, brokenCount }, {
        seed,
        broken: [],
        brokenCount: 0,
      });
      assert.ok(bytes > 2 ** 20, `seed ${seed}: ${bytes} bytes`);
      assert.ok(report.connections > 1 && report.completions > 1);
      played.add(report.transport);
    }
    assert.equal(played.size, transports.includes("unix") ? 4 : 3);
  });

  it("knows every byte of a series, however it is cut", () => {
    const random = new SimRandom(3);
    const bytes = frames(40, "client");
    const checker = new FrameChecker(new FrameSeries(TAG, "client"));
    for (let start = 0; start < bytes.length;) {
      const next = Math.min(start + random.integer(1, 5000), bytes.length);
      checker.check(bytes, start, next);
      start = next;
    }
    assert.equal(checker.frames, 40);
    assert.equal(checker.bytes, bytes.length);
  });

  it("finds a byte that is wrong, missing or doubled, and frames of the other end", () => {
    const bytes = frames(20, "client");
    const check = (changed: Uint8Array) =>
      new FrameChecker(new FrameSeries(TAG, "client"))
        .check(changed, 0, changed.length);
    check(bytes);
    for (let at = 0; at < bytes.length; at += 13) {
      const changed = bytes.slice();
      changed[at] ^= 1;
      assert.throws(() => check(changed), WrongBytesError);
    }
    const at = bytes.length >> 1;
    const head = bytes.subarray(0, at);
    assert.throws(
      () => check(Uint8Array.from([...head, ...bytes.subarray(at + 1)])),
      WrongBytesError,
    );
    assert.throws(
      () => check(Uint8Array.from([...head, ...bytes.subarray(at - 1)])),
      WrongBytesError,
    );
    assert.throws(() => check(frames(1, "server")), WrongBytesError);
  });

  it("finds what two ends contradict each other in", () => {
    const broken = (client: Partial<EndReport>, server: Partial<EndReport>) =>
      judge(end("server", server), end("client", client)).length > 0;
    assert.equal(broken({}, {}), false);
    // More came in than was sent.
    assert.ok(broken({}, { received: 1001 }));
    assert.ok(broken({ cut: true }, { received: 1001 }));
    // Less came in than was sent.
    const less = { received: 900, framesReceived: 9 };
    assert.ok(broken({}, { ...less, answeredAll: false }));
    assert.ok(broken(less, { answeredAll: false }));
    assert.equal(broken({ cut: true }, less), false);
    assert.equal(broken({ ...less, heardFin: false }, {}), false);
    // It was lost.
    assert.ok(broken({ lost: true }, {}));
    assert.equal(broken({ lost: true }, { cut: true }), false);
    // It was not answered.
    assert.ok(
      broken({ framesSent: 11, accepted: 1100 }, {
        framesReceived: 11,
        received: 1100,
      }),
    );
    // It was no frame.
    assert.ok(broken({}, { heardGarbage: true }));
  });

  it("lets only a client that has heard nothing be without another end", () => {
    assert.equal(judgeAlone(end("client", { received: 0 })).length, 0);
    assert.equal(judgeAlone(end("client")).length, 1);
    assert.equal(judgeAlone(end("server", { received: 0 })).length, 1);
  });

  it("fails if a promise is broken or memory has grown beyond the bound", () => {
    const start = { rss: 2 ** 26, heapUsed: 2 ** 23 };
    const report = (changes: Partial<SoakReport>): SoakReport => ({
      runtime: "deno",
      seed: 1,
      seconds: 1,
      mostOpen: 1,
      connections: 1,
      messages: 1,
      bytes: 1,
      completions: 1,
      commands: 1,
      faults: { stall: 7 },
      brokenCount: 0,
      broken: [],
      memory: [start, start, start, start],
      ...changes,
    });
    assert.deepEqual(verdict(report({})), []);
    assert.deepEqual(
      verdict(report({ brokenCount: 3, broken: ["lost"] })),
      ["lost", "and 2 more broken promises"],
    );
    for (const kind of ["rss", "heapUsed"] as const) {
      const most = { ...start, [kind]: start[kind] + GROWTH_BOUND[kind] };
      const more = { ...most, [kind]: most[kind] + 1 };
      assert.deepEqual(verdict(report({ memory: [start, start, most] })), []);
      assert.deepEqual(verdict(report({ memory: [start, more, start] })), []);
      const [wrong] = verdict(report({ memory: [start, start, more] }));
      assert.match(wrong, new RegExp(`^${kind} grew by `));
    }
    assert.match(
      format(report({})).join("\n"),
      /7 stall[^]*every promise was kept$/,
    );
  });

  it("says how to play the flood again that broke a promise", () => {
    const report = (seed: number, broken: string[]): FloodReport => ({
      runtime: "bun",
      seed,
      transport: "TLS",
      connections: 2,
      messages: 10,
      bytes: 2 ** 20,
      completions: 5,
      commands: 0,
      faults: {},
      brokenCount: broken.length,
      broken,
    });
    const kept = formatFloods([report(8, []), report(9, [])]).join("\n");
    assert.match(kept, /^bun, 2 floods, from seed 8 on\n[^]*2\.0 MiB in 20 /);
    assert.match(kept, /every promise was kept$/);
    const broken = formatFloods([report(8, []), report(9, ["lost"])]);
    assert.deepEqual(broken.slice(-3), [
      "  broken:",
      "    over TLS: npm run soak -- --runtime bun --flood 9",
      "      lost",
    ]);
  });
});
