import assert from "node:assert/strict";
import { describe } from "node:test";
import { BufferPool, LARGEST_POOLED } from "../../src/io/buffer_pool.ts";
import { POOL_SIZE } from "../../src/tuning.ts";
import { type CaseDraw, property } from "./property.ts";

const SMALLEST = 4096;

/** `at`: the index of an acquired buffer, if there is one. */
type Step =
  | { readonly do: "acquire"; readonly bytes: number; readonly count: number }
  | { readonly do: "release"; readonly at: number; readonly count: number };

const MARKS = [SMALLEST, 2 * SMALLEST, 16 * 1024, 64 * 1024];

function drawStep(draw: CaseDraw): Step {
  if (draw.chance(0.1)) {
    const bytes = LARGEST_POOLED + (draw.chance(0.5) ? 0 : 1);
    return { do: "acquire", bytes, count: 1 };
  }
  const count = 1 + (draw.chance(0.1) ? draw.size(300) : 0);
  return draw.chance(0.5)
    ? { do: "release", at: draw.size(50), count }
    : { do: "acquire", bytes: Math.max(1, draw.size(100_000, MARKS)), count };
}

/** A pool, and its acquired and kept buffers by length. */
class Fixture {
  readonly #pool = new BufferPool();
  readonly #taken: Uint8Array[] = [];
  readonly #kept = new Map<number, Set<Uint8Array>>();

  perform(step: Step): void {
    for (let i = 0; i < step.count; i++) {
      if (step.do === "acquire") this.#acquire(step.bytes);
      else if (step.at < this.#taken.length) this.#release(step.at);
    }
  }

  #acquire(bytes: number): void {
    const buffer = this.#pool.acquire(bytes);
    const { length } = buffer;
    assert.ok(length >= bytes && length < Math.max(SMALLEST + 1, 2 * bytes));
    assert.ok(!this.#taken.includes(buffer), "a buffer has one owner");
    const kept = this.#keptOf(length);
    assert.ok(kept.delete(buffer) || kept.size === 0, "used again if possible");
    this.#taken.push(buffer);
    this.#compare();
  }

  #release(at: number): void {
    const [buffer] = this.#taken.splice(at, 1);
    this.#pool.release(buffer);
    const { length } = buffer;
    const isRoom = this.#countKept() + length <= POOL_SIZE;
    if (length <= LARGEST_POOLED && isRoom) this.#keptOf(length).add(buffer);
    this.#compare();
  }

  #keptOf(length: number): Set<Uint8Array> {
    let kept = this.#kept.get(length);
    if (kept === undefined) this.#kept.set(length, kept = new Set());
    return kept;
  }

  #countKept(): number {
    let bytes = 0;
    for (const [length, kept] of this.#kept) bytes += length * kept.size;
    return bytes;
  }

  #compare(): void {
    assert.equal(this.#pool.bytesKept, this.#countKept());
  }
}

describe("BufferPool", () => {
  property(
    "gives each buffer to one owner at a time, uses it again, and keeps 8 MiB at most",
    {},
    (draw) => draw.list(60, drawStep),
    (steps) => {
      const fixture = new Fixture();
      for (const step of steps) fixture.perform(step);
    },
  );
});
