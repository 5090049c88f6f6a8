/**
 * The first `count` of `items` in the order of `compare`, sorted. Takes one
 * pass, and sorts no more items than are wanted.
 */
export function best<T>(
  items: Iterable<T>,
  count: number,
  compare: (a: T, b: T) => number,
): T[] {
  let kept: T[] = [];
  let worst: T | undefined;
  for (const item of items) {
    if (worst !== undefined && compare(item, worst) >= 0) continue;
    kept.push(item);
    if (kept.length < 2 * count) continue;
    kept = kept.sort(compare).slice(0, count);
    worst = kept[count - 1];
  }
  return kept.sort(compare).slice(0, count);
}
