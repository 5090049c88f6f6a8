import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimInvariantError, simulate, SimulationError } from "../../mod.ts";
import { NETWORK, scenario } from "../../examples/simulation/scenario.ts";
import { ExampleProcess, host } from "./example_process.ts";

/** Where the bug shows, within the 100 seeds that are run if not said otherwise. */
const REPLAY = "23:partitions@1a.1";
const MISSING = "ann has 0 and should have 21";

/** The failure of the bank with the bug. */
async function failure(replay?: string): Promise<SimulationError> {
  try {
    await simulate({ ...NETWORK, replay }, scenario(true));
  } catch (error) {
    assert.ok(error instanceof SimulationError, String(error));
    return error;
  }
  assert.fail("the bug was not found");
}

/** The first failure that the search finds: it is looked for once. */
const first = (() => {
  let found: Promise<SimulationError> | undefined;
  return () => found ??= failure();
})();

describe("the simulated bank", () => {
  it("loses money by its bug, with the same seed and fault on every runtime", async () => {
    const error = await first();
    assert.equal(error.replay, REPLAY);
    assert.equal(error.seed, 23);
    assert.ok(error.cause instanceof SimInvariantError);
    assert.ok(error.message.includes(MISSING), error.message);
    assert.ok(error.trace.includes("    2161.026 log ann has 21"));
  });

  it("loses it again, line by line, by the replay", async () => {
    const error = await first();
    const again = await failure(error.replay);
    assert.deepEqual(again.trace, error.trace);
    assert.equal(again.message, error.message);
  });

  it("loses nothing without the bug where it did with it", async () => {
    await simulate({ ...NETWORK, replay: REPLAY }, scenario(false));
  });
});

describe("the simulation's program", () => {
  it("tells of the bug, and repeats it", async () => {
    const found = await run("--bug --seeds 50");
    assert.equal(found.code, 1);
    assert.ok(found.err.includes(MISSING), found.err);
    assert.ok(found.err.includes(`replay: "${REPLAY}"`), found.err);
    assert.deepEqual(await run(`--bug --replay ${REPLAY}`), found);
  });

  it("says how many runs went well", async () => {
    const { code, out, err } = await run("--seeds 10");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^10 runs, \d+ faults, no money lost\n$/);
  });

  it("names its flags, and refuses others", async () => {
    const { out } = await run("--help");
    const named = [...out.matchAll(/^ {2}--(\w+) {2,}\S/gm)];
    assert.deepEqual(named.map(([, name]) => name), [
      "bug",
      "seeds",
      "replay",
      "help",
    ]);
    assert.equal((await run("--replay")).code, 2);
  });
});

/** Runs the program with some flags. */
async function run(
  flags: string,
): Promise<{ code: number; out: string; err: string }> {
  const running = new ExampleProcess(host, "simulation", flags);
  const code = await running.ended;
  return { code, out: running.out, err: running.err };
}
