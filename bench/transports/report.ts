/** The result for a transport. */
export interface Report {
  /** Commands per second in one direction. */
  readonly perSecond: number;
  /** Nanoseconds of processor time per command, on both sides together. */
  readonly cpuNs: number;
  /**
   * Round-trip times of a command and its answer on an idle link, in
   * microseconds.
   */
  readonly p50: number;
  readonly p99: number;
}

const FIELDS = ["perSecond", "cpuNs", "p50", "p99"] as const;
const FLAG_SIZE = Float64Array.BYTES_PER_ELEMENT;

/** Creates a report that one thread writes and another waits for. */
export function newSharedReport(): SharedArrayBuffer {
  return new SharedArrayBuffer(
    FLAG_SIZE + FIELDS.length * Float64Array.BYTES_PER_ELEMENT,
  );
}

export function writeReport(shared: SharedArrayBuffer, report: Report): void {
  const flag = new Int32Array(shared, 0, 1);
  new Float64Array(shared, FLAG_SIZE).set(FIELDS.map((key) => report[key]));
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

export async function readReport(shared: SharedArrayBuffer): Promise<Report> {
  await Atomics.waitAsync(new Int32Array(shared, 0, 1), 0, 0).value;
  const values = new Float64Array(shared, FLAG_SIZE);
  const [perSecond, cpuNs, p50, p99] = values;
  return { perSecond, cpuNs, p50, p99 };
}
