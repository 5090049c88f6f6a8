import { describe } from "node:test";
import type { InboundSettings } from "../../src/io/inbound_bytes.ts";
import { LARGE_CACHE_SIZE } from "../../src/tuning.ts";
import { newReader } from "../io/readers.ts";
import { CODEC_NAMES, CODECS } from "./codecs.ts";
import { type CaseDraw, property } from "./property.ts";
import {
  type End,
  ENDS,
  type FrameStream,
  STRATEGIES,
  StreamReceiver,
} from "./stream_receiver.ts";
import { WatchedPool } from "./watched_pool.ts";
import { WatchedTarget } from "./watched_target.ts";

/** The same reader reads the streams one after another. */
interface Case extends InboundSettings {
  readonly streams: readonly FrameStream[];
}

const MARKS = [1024, LARGE_CACHE_SIZE, 2 * LARGE_CACHE_SIZE, 65_536];

function drawStream(draw: CaseDraw, mostBytes: number): FrameStream {
  const codec = draw.pick(CODEC_NAMES);
  const largest = draw.pick([0, 10, 300, 3000, 20_000, 70_000]);
  const longest = CODECS[codec].encode(largest).length;
  return {
    codec,
    bodies: draw.list(
      Math.min(60, Math.floor(mostBytes / longest)),
      () => draw.size(largest, MARKS),
    ),
    reads: draw.list(8, () => 1 + draw.size(100_000, MARKS)),
    asks: draw.pick(["never", "at once", "late"]),
    strategies: draw.list(
      4,
      () => draw.list(2, () => draw.pick(STRATEGIES)),
    ),
    announces: draw.pick(["incomplete", "none", "all"]),
    announcesHeader: draw.chance(0.3),
    dropsAtOnce: draw.pick([1, 1, 1, 2, 7, Infinity]),
    pauses: draw.list(5, () => draw.chance(0.3)),
    end: {
      call: draw.size(30),
      how: draw.pick([...Array<End>(5).fill("cleanly"), ...ENDS]),
    },
  };
}

/** Messages much larger than one read. */
function drawLargeStream(draw: CaseDraw, mostBytes: number): FrameStream {
  const largest = draw.pick([70_000, 130_000, 380_000]);
  return {
    ...drawStream(draw, 0),
    codec: "length in 4 bytes",
    bodies: draw.list(
      Math.floor(mostBytes / largest),
      () => largest - draw.size(30_000),
    ),
    reads: draw.list(8, () => 1024 * (1 + draw.size(99))),
    asks: draw.pick(["at once", "late", "at once", "never"]),
    announces: "incomplete",
    end: {
      call: draw.size(2),
      how: draw.pick([...ENDS, ...Array<End>(3).fill("clear between reads")]),
    },
  };
}

function drawCase(draw: CaseDraw): Case {
  const recvBufferMinSize = draw.pick([1024, 0, 1, 7, 100, 9000, 100_000]);
  // The handler may be called once per this many bytes.
  const mostBytes = recvBufferMinSize < 100 ? 20_000 : 400_000;
  return {
    recvBufferMinSize,
    maxMessageSize: draw.pick([
      ...Array<number>(9).fill(2 ** 24),
      1,
      100,
      9000,
      40_000,
    ]),
    streams: draw.list(3, () => {
      const isLarge = mostBytes > 100_000 && draw.chance(0.25);
      return isLarge
        ? drawLargeStream(draw, mostBytes)
        : drawStream(draw, mostBytes);
    }),
  };
}

describe("MsgReader", () => {
  property(
    "hands out each message as it was sent, and knows what was seen of it, whatever the framing, the reads, the strategy and the pauses",
    { runs: 500 },
    drawCase,
    (settings) => {
      const pool = new WatchedPool();
      const reader = newReader(settings, pool);
      const target = new WatchedTarget(reader, pool);
      for (const stream of settings.streams) {
        new StreamReceiver(reader, pool, target, settings, stream).run();
        reader.isPaused = false;
      }
    },
  );
});
