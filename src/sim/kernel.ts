import { SimContractError } from "../api/errors.ts";
import { FaultPlan } from "./faults.ts";
import type { NetworkSettings } from "./options.ts";
import { derive, SimRandom } from "./random.ts";
import { Scheduler } from "./scheduler.ts";
import { Trace } from "./trace.ts";
import { Waits } from "./waits.ts";

/** What every part of a simulation uses: time, randomness, faults, and the trace. */
export class Kernel {
  readonly settings: NetworkSettings;
  readonly scheduler = new Scheduler();
  readonly waits: Waits = new Waits(this.scheduler);
  readonly trace: Trace;
  readonly plan: FaultPlan;
  readonly violations: SimContractError[] = [];
  readonly #bufferRandom: SimRandom;

  constructor(settings: NetworkSettings) {
    this.settings = settings;
    this.trace = new Trace(settings.traceLimit);
    this.plan = new FaultPlan(
      this.scheduler,
      settings.seed,
      settings.faults,
      (id) => this.addToTrace("network", `fault ${id}`),
      settings.onlyFaults,
    );
    this.#bufferRandom = new SimRandom(derive(settings.seed, "buffers"));
  }

  /** Derives a separate seed for whatever `label` names. */
  seedOf(label: string): number {
    return derive(this.settings.seed, label);
  }

  /** The sizes of the buffers of the next pipe. */
  nextBufferSizes(): { send: number; receive: number } {
    const { sendBuffers, receiveBuffers } = this.settings;
    return {
      send: this.#bufferRandom.pick(sendBuffers),
      receive: this.#bufferRandom.pick(receiveBuffers),
    };
  }

  /** Adds a line to the trace. */
  addToTrace(where: string, what: string, a?: number, b?: number): void {
    this.trace.add(this.scheduler.now, where, what, a, b);
  }

  /** Records that code at `where` broke the contract of the adapter. */
  violated(where: string, rule: string): void {
    this.addToTrace(where, `VIOLATION: ${rule}`);
    const ms = this.scheduler.now / 1000;
    this.violations.push(
      new SimContractError(
        `The contract of the adapter was broken at ${where}, ${ms} ms: ${rule}`,
      ),
    );
  }
}
