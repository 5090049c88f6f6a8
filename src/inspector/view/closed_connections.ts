import { summaryOf } from "../../util/one_line.ts";
import type { ClosedLately, ClosedRow } from "./question.ts";
import { read, textOf } from "../../util/text.ts";
import { LastOnes } from "./last_ones.ts";

/** How many closed connections are remembered. */
const MOST = 1000;

/** A connection that was closed. */
export interface Closing {
  readonly peer: string;
  readonly openMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly reason: Error | undefined;
}

interface Remembered extends Omit<Closing, "reason"> {
  readonly number: number;
  readonly at: number;
  readonly reason: string;
  readonly kind: string;
}

/** The last connections that were closed, and why. */
export class ClosedConnections {
  readonly #ring = new LastOnes<Remembered>(MOST);

  add({ reason, ...closing }: Closing, now: number): void {
    this.#ring.add({
      ...closing,
      number: this.#ring.count,
      at: now,
      reason: reason === undefined ? "cleanly" : summaryOf(reason),
      kind: reason === undefined ? "cleanly" : classNameOf(reason),
    });
  }

  /** The last `limit` of them, and how many of all that are remembered were closed for each reason. */
  lately(limit: number, now: number): ClosedLately {
    const rows: ClosedRow[] = [];
    const reasons = new Map<string, number>();
    for (const { at, kind, ...rest } of this.#ring.newest()) {
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      if (rows.length < limit) rows.push({ ...rest, agoMs: now - at });
    }
    return { rows, reasons: Object.fromEntries(reasons) };
  }
}

/** The class name of `reason`. It is the program's, so it may be long, or throw when it is read. */
function classNameOf(reason: Error): string {
  return textOf(read(reason, "name")).slice(0, 60);
}
