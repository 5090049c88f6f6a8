/**
 * The search for a seed with which a scenario fails.
 *
 * @module
 */

import { checkFunction } from "../api/check_function.ts";
import { SimulationError } from "../api/errors.ts";
import { setLogSink } from "../util/log.ts";
import { describeFault } from "./fault_effects.ts";
import type { Fault } from "./faults.ts";
import {
  check,
  checkOption,
  custom,
  integer,
  OptionTable,
} from "../api/options/rules.ts";
import { MAX_INT32 } from "../util/limits.ts";
import type { SimNetworkOptions } from "./options.ts";
import { type FailedRun, shrink } from "./shrink.ts";
import type { Scenario } from "./simulation.ts";
import {
  type RunFailure,
  SimulationRun,
  textOfError,
} from "./simulation_run.ts";

/**
 * Options of {@linkcode simulate}: those of its networks, and which runs to make.
 *
 * @category Simulation
 */
export interface SimulateOptions
  extends Omit<SimNetworkOptions, "seed" | "onlyFaults"> {
  /** The seeds to run, or how many, 1 or more. Default 100. */
  readonly seeds?: number | readonly number[] | undefined;
  /**
   * Repeats one run instead of `seeds`: the text is in the message of a
   * {@linkcode SimulationError}. If the run does not fail, and a fault that the
   * text names does not strike, `simulate` throws {@linkcode InvalidOptionError}.
   */
  readonly replay?: string | undefined;
  /** The most events that a run may have. 1 to 2^53 - 1, default 1000000. */
  readonly maxEvents?: number | undefined;
  /** The most milliseconds of virtual time that a run may take. 1 to 2^31 - 1, default 3600000: an hour. */
  readonly maxVirtualMs?: number | undefined;
  /** The most runs that the search for a simpler failure may take. 0 to 2^31 - 1, default 200. */
  readonly maxShrinkRuns?: number | undefined;
}

/**
 * What {@linkcode simulate} has done.
 *
 * @category Simulation
 */
export interface SimulationReport {
  /** How many runs there were. */
  readonly seeds: number;
  /** How many events there were in total. */
  readonly events: number;
  /** How many milliseconds of virtual time have passed in total. */
  readonly virtualMs: number;
  /** How many random faults have struck in total. */
  readonly faults: number;
}

interface Run extends FailedRun {
  readonly seed: number;
  readonly failure: RunFailure | undefined;
  readonly sim: SimulationRun;
}

/**
 * How many failing seeds are compared. The one with the shortest trace is
 * reported.
 */
const SEEDS_TO_COMPARE = 10;
const LINES_TO_SHOW = 40;

const SEED_COUNT = integer(1, MAX_INT32);

type SimulateOnlyOptions = Omit<SimulateOptions, keyof SimNetworkOptions>;

/** The options of {@linkcode simulate}, but for those of its networks. */
export const SIMULATE_OPTIONS: OptionTable<SimulateOnlyOptions> =
  new OptionTable<
    SimulateOnlyOptions
  >({
    seeds: custom<number | readonly number[]>(
      "a number or a list",
      (value) => typeof value === "number" || Array.isArray(value),
      100,
    ),
    replay: custom<string>("text", (value) => typeof value === "string"),
    maxEvents: integer(1, Number.MAX_SAFE_INTEGER, 1_000_000),
    maxVirtualMs: integer(1, MAX_INT32, 3_600_000),
    maxShrinkRuns: integer(0, MAX_INT32, 200),
  });
const REPLAY = /^(-?\d+)(?::(.*))?$/;

/**
 * Runs a scenario on simulated networks, with a different seed each time, and looks
 * for a seed with which it fails.
 *
 * A run fails if `scenario` rejects, an invariant does not hold, an event throws,
 * the contract of an adapter is broken, the scenario still waits when nothing is
 * left to happen, `maxEvents` or `maxVirtualMs` is exceeded, or something is still
 * open on a host after all runtimes were stopped. `simulate` then leaves out faults
 * as long as the run still fails, and throws the simplest failure as a
 * {@linkcode SimulationError}, which says how to repeat it.
 *
 * Use {@linkcode Simulation.spawn} to start tasks beside the scenario. If a promise
 * of your own rejects before anybody awaits it, that does not fail the run, but
 * ends the process, as it does everywhere.
 *
 * During a run, the library logs to the trace; so a second call waits until the
 * first one is done.
 *
 * @param options The networks, and which runs to make.
 * @param scenario What to run.
 * @returns How much was run, if nothing failed.
 * @throws {SimulationError} If a run fails.
 * @throws {InvalidOptionError} If an option is outside of its range.
 *
 * @category Simulation
 * @example What is sent comes back, whatever the network does short of a reset
 * ```ts
 * import { DefaultTcpListenerHandler, MessageResult, simulate } from "@reactio/reactio";
 *
 * const report = await simulate({ seeds: 20, faults: "gentle" }, async (sim) => {
 *   await sim.runtime("server").listen(
 *     "0.0.0.0:80",
 *     new DefaultTcpListenerHandler(() => ({
 *       onInboundMessage(buf, ctx) {
 *         ctx.sendOrQueue(buf);
 *         return MessageResult.dropMsgSize(buf.length);
 *       },
 *     })),
 *   );
 *   const sent = sim.random.bytes(sim.random.integer(1, 10_000));
 *   let received = 0;
 *   await sim.runtime("client").connect("server:80", {
 *     onConnected: (ctx) => void ctx.sendOrQueue(sent),
 *     onInboundMessage(buf) {
 *       for (const byte of buf) {
 *         if (byte !== sent[received++]) throw new Error("a wrong byte");
 *       }
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   });
 *   await sim.until(() => received === sent.length);
 * });
 * console.log(report.seeds, report.events, report.faults);
 * ```
 */
export function simulate(
  options: SimulateOptions,
  scenario: Scenario,
): Promise<SimulationReport> {
  const result = previous.then(() => runSimulation(options, scenario));
  previous = result.catch(() => {});
  return result;
}

/** Calls wait for each other: the log, which goes into the trace, belongs to the thread. */
let previous: Promise<unknown> = Promise.resolve();

async function runSimulation(
  options: SimulateOptions,
  scenario: Scenario,
): Promise<SimulationReport> {
  const own = SIMULATE_OPTIONS.fill(options);
  checkFunction(scenario, "simulate");
  const runner = new Runner(options, own, scenario);
  const sink = setLogSink(() => {});
  try {
    if (own.replay !== undefined) {
      await runner.repeat(own.replay);
    } else {
      await runner.search(seedsOf(own.seeds), own.maxShrinkRuns);
    }
    return runner.report;
  } finally {
    setLogSink(sink);
  }
}

class Runner {
  readonly report = { seeds: 0, events: 0, virtualMs: 0, faults: 0 };
  readonly #options: SimulateOptions;
  readonly #scenario: Scenario;
  readonly #bounds;

  constructor(
    options: SimulateOptions,
    bounds: { readonly maxEvents: number; readonly maxVirtualMs: number },
    scenario: Scenario,
  ) {
    this.#options = options;
    this.#scenario = scenario;
    this.#bounds = bounds;
  }

  /** Runs all seeds; throws the simplest failure that it finds. */
  async search(
    seeds: readonly number[],
    maxShrinkRuns: number,
  ): Promise<void> {
    for (const [index, seed] of seeds.entries()) {
      const run = await this.run(seed);
      if (run.failure === undefined) continue;
      const others = seeds.slice(index + 1, index + SEEDS_TO_COMPARE);
      throw await this.#simplest(run, run.failure, others, maxShrinkRuns);
    }
  }

  /** Runs what `replay` says, and throws if it fails. */
  async repeat(replay: string): Promise<void> {
    const [seed, ids] = parseReplay(replay);
    const run = await this.run(seed, ids);
    if (run.failure !== undefined) throw this.errorOf(run, run.failure);
    const missing = ids?.find((id) => !run.faults.includes(id));
    const what = `of a run with the fault ${missing}, which did not strike: ` +
      "the scenario or its options are not what they were";
    check("replay", replay, missing === undefined, what);
  }

  /** Runs the scenario once; with only the given faults, if any are given. */
  async run(seed: number, onlyFaults?: readonly string[]): Promise<Run> {
    const sim = new SimulationRun(
      { ...this.#options, seed, onlyFaults },
      this.#bounds,
    );
    setLogSink(sim.onLog);
    const failure = await sim.run(this.#scenario);
    const faults = sim.network.injectedFaults;
    this.report.seeds++;
    this.report.events += sim.eventCount;
    this.report.virtualMs += sim.now();
    this.report.faults += faults.length;
    return { seed, failure, sim, faults, traceLength: sim.traceLength };
  }

  /** The error for a run that failed. */
  errorOf(run: Run, failure: RunFailure): SimulationError {
    const { seed, faults } = run;
    const { trace } = run.sim.network;
    const replay = `${seed}:${faults.join(",")}`;
    return new SimulationError(
      `The simulation failed with seed ${seed}: ${textOfError(failure.error)}

${
        faultsText(run.sim.faults)
      }The end of its trace (ms, host, connection, what happened):
${trace.slice(-LINES_TO_SHOW).join("\n")}

To repeat it: simulate({ ...options, replay: ${
        JSON.stringify(replay)
      } }, scenario)`,
      { seed, replay, trace, cause: failure.error },
    );
  }

  async #simplest(
    first: Run,
    failure: RunFailure,
    otherSeeds: readonly number[],
    maxRuns: number,
  ): Promise<SimulationError> {
    const again = await this.run(first.seed);
    if (again.sim.network.traceHash !== first.sim.network.traceHash) {
      const error = this.errorOf(first, failure);
      error.message +=
        "\nA second run with this seed was different: the scenario depends on something outside of the simulation.";
      return error;
    }
    let shortest = first;
    for (const seed of otherSeeds.slice(0, maxRuns)) {
      const other = await this.run(seed);
      if (
        other.failure?.kind === failure.kind &&
        other.traceLength < shortest.traceLength
      ) shortest = other;
    }
    const best = await shrink(shortest, maxRuns, async (faults) => {
      const run = await this.run(shortest.seed, faults);
      return run.failure?.kind === failure.kind ? run : undefined;
    });
    return this.errorOf(best, best.failure ?? failure);
  }
}

/** The faults of a run as text. */
function faultsText(faults: readonly Fault[]): string {
  if (faults.length === 0) return "";
  const shown = faults.slice(-LINES_TO_SHOW);
  const which = shown.length < faults.length
    ? `; the last of ${faults.length}`
    : "";
  const lines = shown.map(describeFault).join("\n");
  return `Its faults (ms, hosts, effect${which}):\n${lines}\n\n`;
}

function seedsOf(seeds: number | readonly number[]): readonly number[] {
  if (typeof seeds !== "number") return seeds;
  checkOption("seeds", seeds, SEED_COUNT);
  return Array.from({ length: seeds }, (_, index) => index + 1);
}

/** The seed of a replay, and the ids of its faults; without ids, faults strike by their rates. */
function parseReplay(replay: string): [number, (readonly string[])?] {
  const [, seed, ids] = REPLAY.exec(replay) ?? [];
  const isGood = seed !== undefined && Number.isSafeInteger(Number(seed));
  check("replay", replay, isGood, '"seed" or "seed:fault,fault"');
  if (ids === undefined) return [Number(seed)];
  return [Number(seed), ids === "" ? [] : ids.split(",")];
}
