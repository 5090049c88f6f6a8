import { type ReactorID, ReactRuntime, type SimRandom } from "../mod.ts";
import { leftIn } from "../tests/support/leftovers.ts";
import { type UserCommand, WatchedCommands } from "./commands.ts";
import type { SoakHarness } from "./harness.ts";

/** How many ids of closed reactors are remembered. */
const GONE_IDS = 16;

/** How long stopping may take beyond its grace time, in milliseconds. */
const STOP_MS = 15_000;

/**
 * A runtime of the library from its start to its stop, with its commands and
 * connections.
 */
export class SoakNode {
  readonly runtime: ReactRuntime<UserCommand> = new ReactRuntime<UserCommand>();
  readonly commands: WatchedCommands;
  /** The grace time of a stop in progress, in milliseconds. */
  graceMs = Infinity;
  /** Ids that must not find a reactor any more. */
  readonly goneIds: ReactorID[] = [];
  protected readonly harness: SoakHarness;
  readonly #driven: Promise<void>;

  /**
   * `isPolled`: true to drive the runtime by `processEvents`, instead of by its
   * own timers.
   */
  constructor(harness: SoakHarness, random: SimRandom, isPolled: boolean) {
    this.harness = harness;
    this.commands = new WatchedCommands(this.runtime, harness.tally);
    this.#driven = isPolled ? this.#poll(random) : Promise.resolve();
  }

  get isStopping(): boolean {
    return this.graceMs !== Infinity;
  }

  /** Records that the reactor `id` has closed. */
  gone(id: ReactorID): void {
    if (this.goneIds.push(id) > GONE_IDS) this.goneIds.shift();
  }

  /** Stops the runtime, and checks that nothing is left in it. */
  async stop(graceMs: number): Promise<void> {
    const { runtime, harness } = this;
    this.graceMs = graceMs;
    const late = setTimeout(
      () => harness.tally.breaks(`stop({ graceMs: ${graceMs} }) does not end`),
      graceMs + STOP_MS,
    );
    this.commands.isStopping = true;
    await runtime.stop({ graceMs });
    clearTimeout(late);
    await this.#driven;
    // Commands sent after the stop are refused a turn later.
    await new Promise((resolve) => setTimeout(resolve, 10));
    const left = {
      ...leftIn(runtime),
      commands: this.commands.openCount,
      ends: [...harness.open].filter((end) => end.node === this).length,
    };
    if (Object.values(left).some((count) => count !== 0)) {
      harness.tally.breaks(`left after stop: ${JSON.stringify(left)}`);
    }
  }

  async #poll(random: SimRandom): Promise<void> {
    while (!this.isStopping) {
      const isBusy = await this.runtime.processEvents({
        timeoutMs: random.integer(0, 5),
        maxCommands: random.pick([1, 32]),
      });
      if (!isBusy) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}
