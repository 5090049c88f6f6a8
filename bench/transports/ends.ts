/**
 * The sender and the receiver, the same for every transport. In each round, one
 * end sends some commands, and the other sends one back when the last of them
 * has arrived. Large rounds measure throughput, rounds of one command the
 * round-trip time.
 */

import process from "node:process";
import { type CommandKind, KINDS } from "./commands.ts";
import type { Report } from "./report.ts";
import type { Link } from "./link.ts";

/** A plan of measurement. */
export interface Plan {
  /** A key of `KINDS`. */
  readonly kind: string;
  /** The number of commands to send in one go. */
  readonly commands: number;
}

/** Commands that are sent before the event loop gets control. */
const BURST = 10_000;

const WARM_UP_TRIPS = 500;
const TRIPS = 2000;

/**
 * The number of commands in each round: one to warm up, the flood, and then
 * round trips, of which the first are a warm-up, too. `flood` is the index of
 * the flood.
 */
function roundsOf({ commands }: Plan): { sizes: number[]; flood: number } {
  const warmUp = Math.ceil(commands / 10);
  const trips = Array<number>(WARM_UP_TRIPS + TRIPS).fill(1);
  return { sizes: [warmUp, commands, ...trips], flood: 1 };
}

/** The end that sends the commands and measures. */
export class MeasuringEnd {
  readonly #kind: CommandKind;
  readonly #sizes: readonly number[];
  readonly #flood: number;
  readonly #onReport: (report: Report) => void;
  readonly #milliseconds: number[] = [];
  #cpuMs = 0;
  #link!: Link;
  #toSend = 0;
  #countSent = 0;
  #isAnswered = false;
  #begun = 0;
  #cpuBefore: NodeJS.CpuUsage | undefined = undefined;

  constructor(plan: Plan, onReport: (report: Report) => void) {
    const { sizes, flood } = roundsOf(plan);
    this.#kind = KINDS[plan.kind];
    this.#sizes = sizes;
    this.#flood = flood;
    this.#onReport = onReport;
  }

  start(link: Link): void {
    this.#link = link;
    this.#beginRound();
  }

  /** An answer has arrived. */
  receive(cmd: unknown): void {
    expectCommand(this.#kind, cmd, this.#countSent - 1);
    this.#isAnswered = true;
    this.endRound();
  }

  /** Ends the round once everything has arrived and is completed. */
  endRound(): void {
    if (!this.#isAnswered || this.#link.countUncompleted > 0) return;
    const round = this.#milliseconds.length;
    this.#milliseconds.push(performance.now() - this.#begun);
    if (round === this.#flood) {
      const { user, system } = process.cpuUsage(this.#cpuBefore);
      this.#cpuMs = (user + system) / 1000;
    }
    if (round + 1 < this.#sizes.length) this.#beginRound();
    else this.#onReport(this.#report());
  }

  #beginRound(): void {
    const round = this.#milliseconds.length;
    this.#toSend = this.#sizes[round];
    this.#isAnswered = false;
    if (round === this.#flood) this.#cpuBefore = process.cpuUsage();
    this.#begun = performance.now();
    this.#sendBurst();
  }

  readonly #sendBurst = (): void => {
    const count = Math.min(this.#toSend, BURST);
    this.#toSend -= count;
    for (let i = 0; i < count; i++) {
      this.#link.send(this.#kind.make(this.#countSent++));
    }
    this.#link.flush();
    if (this.#toSend > 0) setImmediate(this.#sendBurst);
  };

  #report(): Report {
    const commands = this.#sizes[this.#flood];
    const trips = this.#milliseconds.slice(-TRIPS).sort((a, b) => a - b);
    return {
      perSecond: commands / this.#milliseconds[this.#flood] * 1000,
      cpuNs: this.#cpuMs * 1e6 / commands,
      p50: trips[TRIPS * 0.5] * 1000,
      p99: trips[TRIPS * 0.99] * 1000,
    };
  }
}

/** The end that receives the commands, and checks that all arrive in order. */
export class CheckingEnd {
  readonly #kind: CommandKind;
  readonly #sizes: readonly number[];
  #link!: Link;
  #round = 0;
  #countOfRound = 0;
  #count = 0;

  constructor(plan: Plan) {
    this.#kind = KINDS[plan.kind];
    this.#sizes = roundsOf(plan).sizes;
  }

  start(link: Link): void {
    this.#link = link;
  }

  receive(cmd: unknown): void {
    expectCommand(this.#kind, cmd, this.#count++);
    if (++this.#countOfRound < this.#sizes[this.#round]) return;
    this.#round++;
    this.#countOfRound = 0;
    this.#link.send(cmd);
    this.#link.flush();
  }
}

/**
 * Ends the thread with an error if `cmd` is not command number `i`. It is
 * thrown in a later turn, where no handler catches it.
 */
function expectCommand(kind: CommandKind, cmd: unknown, i: number): void {
  if (kind.is(cmd, i)) return;
  const text = `Expected command ${i}, got ${JSON.stringify(cmd)}`;
  setImmediate(() => {
    throw new Error(text);
  });
}
