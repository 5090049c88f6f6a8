import { BLOCK_NUMBERS, FIRST_COLUMN_LENGTH } from "../../tuning.ts";

/** The numbers of a batch that is being built. */
export class NumberColumn {
  /** The first `count` of these are in use. Replaced by a larger array as needed. */
  values = new Float64Array(FIRST_COLUMN_LENGTH);
  count = 0;

  /** Appends the first `size` of these, at most 4. */
  push(
    size: number,
    first: number,
    second = 0,
    third = 0,
    fourth = 0,
  ): void {
    this.makeRoom(4);
    const { values, count } = this;
    values[count] = first;
    values[count + 1] = second;
    values[count + 2] = third;
    values[count + 3] = fourth;
    this.count += size;
  }

  makeRoom(moreCount: number): void {
    const needed = this.count + moreCount;
    if (needed <= this.values.length) return;
    const larger = new Float64Array(2 * needed);
    larger.set(this.values);
    this.values = larger;
  }

  /** Takes all numbers out, in the form that clones fastest. */
  take(): ArrayLike<number> {
    const { values, count } = this;
    this.count = 0;
    if (count >= BLOCK_NUMBERS) return values.slice(0, count);
    const few: number[] = [];
    for (let i = 0; i < count; i++) few.push(values[i]);
    return few;
  }
}
