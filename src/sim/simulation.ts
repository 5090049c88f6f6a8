/**
 * What a scenario gets from the simulation.
 *
 * @module
 */

import type { RuntimeOptions } from "../api/options/runtime.ts";
import type { Reactor } from "../api/reactor.ts";
import type { ConnectionRecording } from "../recording/recording.ts";
import type { ReactRuntime } from "../runtime.ts";
import type { SimHostLike, SimNetwork } from "./network.ts";
import type { SimHostOptions } from "./network_options.ts";
import type { SimRandom } from "./random.ts";
import type { Replay, ReplayOptions } from "./replay.ts";
import type { SimHost } from "./sim_host.ts";
import type { UntilOptions } from "./waits.ts";

/**
 * One run of a scenario: what {@linkcode simulate} passes to it.
 *
 * @category Simulation
 */
export interface Simulation {
  /** The seed of all that is random in this run. */
  readonly seed: number;
  /** The network of this run. */
  readonly network: SimNetwork;
  /** For the random choices of the scenario. */
  readonly random: SimRandom;

  /**
   * See {@linkcode SimNetwork.host}.
   *
   * @param name The name of the host.
   * @param options Only for the first use.
   * @returns The host.
   * @throws {InvalidOptionError} If the name cannot be that of a host.
   */
  host(name: string, options?: SimHostOptions): SimHost;

  /**
   * Creates a runtime on a host. When the scenario is done, the simulation stops
   * the runtime; it must then be empty, unless its process has died.
   *
   * @param host The host; a new name creates it.
   * @param options The options of the runtime.
   * @returns The runtime.
   * @throws {InvalidOptionError} If an option is outside of its range, or the
   * name cannot be that of a host.
   */
  runtime<UserCommand = unknown>(
    host: SimHostLike,
    options?: Omit<RuntimeOptions, "adapter">,
  ): ReactRuntime<UserCommand>;

  /**
   * See {@linkcode SimNetwork.now}.
   *
   * @returns Milliseconds of virtual time since the beginning, with fractions.
   */
  now(): number;

  /**
   * See {@linkcode SimNetwork.sleep}.
   *
   * @param ms Milliseconds of virtual time, 0 to 2^31 - 1.
   * @returns Resolves when they have passed.
   * @throws {InvalidOptionError} If `ms` is outside of its range.
   */
  sleep(ms: number): Promise<void>;

  /**
   * See {@linkcode SimNetwork.until}.
   *
   * @param condition Called after every event; returns true once it holds.
   * @param options How long to wait, and for what.
   * @returns Resolves when `condition` returns true; rejects with what it throws.
   * @throws {SimTimeoutError} If it does not hold in time.
   */
  until(condition: () => boolean, options?: UntilOptions): Promise<void>;

  /**
   * Adds a condition that must hold all the time.
   *
   * @param name Its name, for the error if it does not hold.
   * @param check Called after every event; the run fails if it throws or returns
   * false.
   */
  invariant(name: string, check: () => boolean | void): void;

  /**
   * Starts a task beside the scenario. The run waits for both.
   *
   * @param task Called at once. The run fails if it throws or rejects, whether or
   * not anybody awaits it.
   * @returns Settles as the task does.
   */
  spawn<Result>(task: () => Promise<Result> | Result): Promise<Result>;

  /**
   * Replays a recorded connection against a reactor, on two hosts of its own. The
   * peer sends what it sent then, in the same pieces and at the same times. Faults
   * and buffer sizes may split the pieces differently, and a piece of more than
   * 64 KiB always arrives in several.
   *
   * The reactor may answer differently; the peer ignores that.
   *
   * @param recording The result of `readRecording`.
   * @param reactor A new reactor for the connection.
   * @param options How to replay it.
   * @returns Resolves to the result, when the connection is gone.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {ConnectError} If a fault keeps the connection from opening.
   */
  replay<UserCommand>(
    recording: ConnectionRecording,
    reactor: Reactor<UserCommand>,
    options?: ReplayOptions,
  ): Promise<Replay>;

  /**
   * Adds a line to the trace.
   *
   * @param text The line.
   */
  log(text: string): void;
}

/**
 * What {@linkcode simulate} runs: it fails by rejecting.
 *
 * @param sim The simulated network, its hosts and its clock.
 * @returns What is waited for before the run is judged.
 *
 * @category Simulation
 */
export type Scenario = (sim: Simulation) => Promise<void> | void;
