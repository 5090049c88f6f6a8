/**
 * One run of a scenario on a simulated network.
 *
 * @module
 */

import {
  SimDeadlockError,
  SimInvariantError,
  SimLeftoverError,
  SimLimitError,
} from "../api/errors.ts";
import type { RuntimeOptions } from "../api/options/runtime.ts";
import type { Reactor } from "../api/reactor.ts";
import type { ConnectionRecording } from "../recording/recording.ts";
import { ReactRuntime } from "../runtime.ts";
import type { LogRecord } from "../util/log.ts";
import { isLocation } from "../util/source_location.ts";
import { isError, read, textOf } from "../util/text.ts";
import { answerOf } from "./scenario_answer.ts";
import type { Fault } from "./faults.ts";
import { type SimHostLike, SimNetwork, worldOf } from "./network.ts";
import type { SimHostOptions } from "./network_options.ts";
import type { SimNetworkOptions } from "./options.ts";
import { derive, SimRandom } from "./random.ts";
import { playRecording, type Replay, type ReplayOptions } from "./replay.ts";
import type { SimHost } from "./sim_host.ts";
import type { Scenario, Simulation } from "./simulation.ts";
import type { UntilOptions } from "./waits.ts";
import type { World } from "./world.ts";

/** Why a run failed: the kind of failure, to tell it from others, and the error itself. */
export interface RunFailure {
  readonly kind: string;
  readonly error: unknown;
}

/** How far a run may go. */
export interface RunBounds {
  readonly maxEvents: number;
  readonly maxVirtualMs: number;
}

/** A run in progress. */
export class SimulationRun implements Simulation {
  readonly seed: number;
  readonly network: SimNetwork;
  readonly random: SimRandom;

  readonly #world: World;
  readonly #bounds: RunBounds;
  readonly #runtimes: {
    readonly runtime: ReactRuntime;
    readonly host: SimHost;
  }[] = [];
  readonly #invariants: {
    readonly name: string;
    readonly check: () => boolean | void;
  }[] = [];
  readonly #tasks: Promise<unknown>[] = [];
  #replayCount = 0;
  #phase = "the scenario";
  #failure: RunFailure | undefined = undefined;
  #onEnd: () => void = () => {};

  constructor(options: SimNetworkOptions, bounds: RunBounds) {
    this.network = new SimNetwork(options);
    this.seed = this.network.seed;
    this.random = new SimRandom(derive(this.seed, "scenario"));
    this.#world = worldOf(this.network);
    this.#bounds = bounds;
    const { scheduler, waits } = this.#world.kernel;
    scheduler.maxEvents = bounds.maxEvents;
    scheduler.maxTime = bounds.maxVirtualMs * 1000;
    scheduler.onLimit = () => this.#fail("limit", this.#limitError());
    scheduler.onThrown = (thrown) => this.#fail("thrown", thrown);
    waits.onDeadlock = () => this.#fail("deadlock", this.#deadlockError());
    waits.afterEvents(() => this.#check());
  }

  /** How many events have happened. */
  get eventCount(): number {
    return this.#world.kernel.scheduler.eventCount;
  }

  /** The random faults that have struck, in order. */
  get faults(): readonly Fault[] {
    return this.#world.kernel.plan.injected;
  }

  /** How many lines the trace has in all. */
  get traceLength(): number {
    return this.#world.kernel.trace.count;
  }

  host(name: string, options?: SimHostOptions): SimHost {
    return this.network.host(name, options);
  }

  runtime<UserCommand = unknown>(
    hostLike: SimHostLike,
    options: Omit<RuntimeOptions, "adapter"> = {},
  ): ReactRuntime<UserCommand> {
    const host = typeof hostLike === "string" ? this.host(hostLike) : hostLike;
    const runtime = new ReactRuntime<UserCommand>({
      ...options,
      adapter: host.adapter,
    });
    this.#runtimes.push({ runtime: runtime as ReactRuntime, host });
    return runtime;
  }

  now(): number {
    return this.network.now();
  }

  sleep(ms: number): Promise<void> {
    return this.network.sleep(ms);
  }

  until(condition: () => boolean, options?: UntilOptions): Promise<void> {
    return this.network.until(condition, options);
  }

  invariant(name: string, check: () => boolean | void): void {
    this.#invariants.push({ name, check });
  }

  spawn<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    const result = (async () => await task())();
    this.#tasks.push(result);
    result.catch((error) => this.#fail("rejected", error));
    return result;
  }

  replay<UserCommand>(
    recording: ConnectionRecording,
    reactor: Reactor<UserCommand>,
    options: ReplayOptions = {},
  ): Promise<Replay> {
    const turn = ++this.#replayCount;
    return playRecording(this, recording, reactor, options, turn);
  }

  log(text: string): void {
    this.#world.kernel.addToTrace("log", text);
  }

  /** Adds what the library logs to the trace, without source locations, which differ between runtimes. */
  readonly onLog = ({ parts }: LogRecord): void => {
    const shown = parts.filter((part) => !isLocation(part));
    this.log(shown.map((part) => firstLine(textOfError(part))).join(" "));
  };

  /** Runs `scenario`; resolves to why it failed, or to `undefined`. */
  async run(scenario: Scenario): Promise<RunFailure | undefined> {
    const { scheduler } = this.#world.kernel;
    const hasEnded = new Promise<void>((resolve) => this.#onEnd = resolve);
    scheduler.wake();
    this.#play(scenario).then(
      () => this.#onEnd(),
      (error) => this.#fail("rejected", error),
    );
    await hasEnded;
    scheduler.end();
    return this.#failure;
  }

  async #play(scenario: Scenario): Promise<void> {
    await scenario(this);
    for (const task of this.#tasks) await task;
    this.#phase = "the stop of the runtimes";
    const alive = this.#runtimes.filter(({ runtime, host }) =>
      host.isUp && host.adapter === runtime.adapter
    );
    await Promise.all(alive.map(({ runtime }) => runtime.stop()));
    // A socket that was destroyed last is gone a turn later.
    if (this.#leftovers(alive).length > 0) await this.sleep(SETTLING_MS);
    this.#check();
    if (this.#failure === undefined) this.#checkLeftovers(alive);
  }

  #check(): void {
    const [violation] = this.#world.kernel.violations;
    if (violation !== undefined) return this.#fail("violation", violation);
    for (const { name, check } of this.#invariants) {
      try {
        if (answerOf("an invariant", check) !== false) continue;
        this.#fail(name, invariantError(name));
      } catch (cause) {
        this.#fail(name, invariantError(name, cause));
      }
      return;
    }
  }

  /** What is still open. */
  #leftovers(alive: readonly { runtime: ReactRuntime }[]): string[] {
    const left: string[] = [];
    for (const { runtime } of alive) {
      const count = runtime.reactorCount + runtime.connectionCount +
        runtime.deferredCommandCount;
      if (count > 0) left.push("a runtime that is not empty");
    }
    for (const { name, counts } of this.#world.hosts.values()) {
      for (const [what, count] of Object.entries(counts)) {
        if (count > 0) left.push(`${count} ${what} on ${name}`);
      }
    }
    return left;
  }

  #checkLeftovers(alive: readonly { runtime: ReactRuntime }[]): void {
    const left = this.#leftovers(alive);
    if (left.length === 0) return;
    this.#fail(
      "leftover",
      new SimLeftoverError(
        `At the end of the scenario were left: ${left.join(", ")}`,
      ),
    );
  }

  #fail(kind: string, error: unknown): void {
    if (this.#failure !== undefined) return;
    const name = isError(error) ? read(error, "name") : typeof error;
    this.#failure = { kind: `${kind}: ${textOf(name)}`, error };
    this.#world.kernel.addToTrace(
      "network",
      `FAILED: ${firstLine(textOfError(error))}`,
    );
    this.#world.kernel.scheduler.end();
    this.#onEnd();
  }

  #deadlockError(): SimDeadlockError {
    return new SimDeadlockError(
      `Nothing is left to happen after ${this.now()} ms, and ${this.#phase} still waits (for nothing, or for something outside of the simulation)`,
    );
  }

  #limitError(): SimLimitError {
    const { maxEvents, maxVirtualMs } = this.#bounds;
    return new SimLimitError(
      `Stopped ${this.#phase} after ${this.eventCount} events and ${this.now()} ms: maxEvents is ${maxEvents}, maxVirtualMs is ${maxVirtualMs}`,
    );
  }
}

/** Milliseconds in which a process serves all that is ready. */
const SETTLING_MS = 1;

/** How much of a message a trace shows. */
const MAX_TEXT = 10_000;

function invariantError(name: string, cause?: unknown): SimInvariantError {
  const why = cause === undefined ? "" : `: ${textOfError(cause)}`;
  return new SimInvariantError(
    `The invariant "${name}" does not hold${why}`,
    { cause },
  );
}

/** `value` as text, without its stack, which differs between runtimes, and without a name such as `Error`. */
export function textOfError(value: unknown): string {
  if (!isError(value)) return textOf(value, MAX_TEXT);
  const name = textOf(read(value, "name"), MAX_TEXT);
  const message = textOf(read(value, "message"), MAX_TEXT);
  return name === "Error" && message !== "" ? message : `${name}: ${message}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
