import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  backoffDelay,
  type BackoffOptions,
  backoffSettings,
} from "../../src/toolkit/connecting/backoff.ts";
import { type CaseDraw, property } from "./property.ts";

const MAX_INT32 = 2 ** 31 - 1;
const LARGEST_RANDOM = 1 - 2 ** -53;

interface Case {
  readonly options: BackoffOptions;
  readonly failureCounts: readonly number[];
  /** What `random` returns. */
  readonly random: number;
}

function caseOf(draw: CaseDraw): Case {
  const minMs = 1 + draw.size(MAX_INT32 - 1);
  const maxMs = Math.min(MAX_INT32, minMs + draw.size(MAX_INT32 - 1));
  return {
    options: {
      minMs: draw.chance(0.8) ? minMs : undefined,
      maxMs: draw.chance(0.8) ? maxMs : undefined,
      factor: draw.chance(0.8)
        ? 1 + draw.integer(0, 999_000) / 1000
        : undefined,
      jitter: draw.pick(["none", "full", undefined]),
    },
    failureCounts: draw.list(20, () => draw.size(MAX_INT32)),
    random: draw.pick([0, 0.5, LARGEST_RANDOM]),
  };
}

describe("a back-off", () => {
  property(
    "never waits for nothing, nor for longer than its bounds allow, and without jitter it grows by its factor",
    {},
    caseOf,
    ({ options, failureCounts, random }) => {
      const settings = backoffSettings(options);
      const { minMs, maxMs, factor, jitter } = settings;
      assert.ok(1 <= minMs && minMs <= maxMs && maxMs <= MAX_INT32);
      assert.ok(options.minMs === undefined || options.minMs === minMs);
      assert.ok(options.maxMs === undefined || options.maxMs === maxMs);
      const plain = { ...settings, jitter: "none" } as const;
      let before = 0;
      for (const count of failureCounts.toSorted((a, b) => a - b)) {
        const longest = backoffDelay(plain, count, () => assert.fail());
        assert.ok(longest >= before, "it grows");
        assert.ok(longest >= minMs && longest <= maxMs);
        if (longest < maxMs) {
          const grown = backoffDelay(
            plain,
            Math.max(1, count) + 1,
            Math.random,
          );
          const expected = Math.min(maxMs, longest * factor);
          assert.ok(Math.abs(grown / expected - 1) < 1e-9);
        }
        const delay = backoffDelay(settings, count, () => random);
        assert.ok(delay > 0 && delay <= longest);
        if (jitter === "none") assert.equal(delay, longest);
        else assert.equal(delay, longest * (1 - random));
        before = longest;
      }
      const first = backoffDelay(plain, 1, Math.random);
      assert.equal(first, minMs);
      assert.equal(backoffDelay(plain, 0, Math.random), first);
    },
  );
});
