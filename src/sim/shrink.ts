/** A run that failed. */
export interface FailedRun {
  /** The ids of the faults that struck. */
  readonly faults: readonly string[];
  /** How many lines its trace has. */
  readonly traceLength: number;
}

/**
 * Looks for a run that fails with as few faults as possible (delta debugging):
 * leaves some out, in ever smaller parts, as long as it fails.
 *
 * `retry` makes a run with certain faults only, and resolves to `undefined` if
 * it does not fail in the same way. It is called at most `maxRuns` times.
 */
export async function shrink<Run extends FailedRun>(
  failed: Run,
  maxRuns: number,
  retry: (faults: readonly string[]) => Promise<Run | undefined>,
): Promise<Run> {
  let best = failed;
  let left = maxRuns;
  let parts = 1;
  while (best.faults.length > 0 && left > 0) {
    const size = Math.ceil(best.faults.length / parts);
    let smaller: Run | undefined;
    // The last faults are left out first: they are the least likely cause.
    for (
      let end = best.faults.length;
      end > 0 && smaller === undefined && left > 0;
      end -= size
    ) {
      left--;
      const start = Math.max(0, end - size);
      const found = await retry([
        ...best.faults.slice(0, start),
        ...best.faults.slice(end),
      ]);
      if (found && found.faults.length < best.faults.length) smaller = found;
    }
    if (smaller !== undefined) {
      best = smaller;
      parts = Math.max(1, parts - 1);
    } else if (size === 1) {
      break;
    } else {
      parts = Math.min(best.faults.length, 2 * parts);
    }
  }
  return best;
}
