import type { StopSettings } from "../../api/options/stop.ts";
import { Timeout } from "../../core/time_limits.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { STOP_MARGIN_MS } from "../../tuning.ts";

/** Something that stops gracefully: a worker. */
export interface Stoppable {
  /** Resolves when it has stopped; may be called again, with other time limits. */
  stop(times: StopSettings): Promise<void>;
}

/** Stops workers gracefully, one group after the other, all within the same time limits. */
export class OrderedStop {
  readonly #loop: Pick<TurnLoop<unknown>, "arm" | "disarm" | "now">;
  readonly #groups: readonly (readonly Stoppable[])[];
  /** The workers that have begun to stop. */
  readonly #stopping: Stoppable[] = [];
  #drainEnd = 0;
  #end = 0;
  #hasBegun = false;
  #isOver = false;
  #whenOver: () => void = () => {};
  readonly #over = new Promise<void>((resolve) => this.#whenOver = resolve);
  readonly #timeout = new Timeout(() => this.#finish());

  constructor(
    loop: Pick<TurnLoop<unknown>, "arm" | "disarm" | "now">,
    groups: readonly (readonly Stoppable[])[],
  ) {
    this.#loop = loop;
    this.#groups = groups;
  }

  /** Begins, or continues with these time limits. Resolves when all have stopped, or the limits are over. */
  within({ drainMs, graceMs }: StopSettings): Promise<void> {
    if (this.#isOver) return this.#over;
    this.#drainEnd = this.#loop.now() + drainMs;
    this.#end = this.#drainEnd + graceMs;
    const limitMs = drainMs + graceMs + STOP_MARGIN_MS;
    this.#loop.arm(this.#timeout, Math.min(limitMs, MAX_INT32));
    for (const worker of this.#stopping) void this.#stop(worker);
    if (!this.#hasBegun) void this.#run();
    return this.#over;
  }

  async #run(): Promise<void> {
    this.#hasBegun = true;
    for (const group of this.#groups) {
      this.#stopping.push(...group);
      await Promise.all(group.map((worker) => this.#stop(worker)));
    }
    this.#finish();
  }

  #finish(): void {
    this.#isOver = true;
    this.#loop.disarm(this.#timeout);
    this.#whenOver();
  }

  /** Stops `worker` within the remaining time. */
  #stop(worker: Stoppable): Promise<void> {
    const now = this.#loop.now();
    const drainMs = Math.max(0, Math.ceil(this.#drainEnd - now));
    const graceMs = Math.max(0, Math.ceil(this.#end - now) - drainMs);
    return worker.stop({ drainMs, graceMs });
  }
}
