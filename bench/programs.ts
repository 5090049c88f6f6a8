/** How a program of `bench/` is run on each runtime, with flags of the runtime's own. */
export const RUNTIMES: Readonly<
  Record<string, (program: string, flags?: readonly string[]) => string[]>
> = {
  deno: (program, flags = []) => [
    ...["deno", "run", "--no-prompt", "--allow-net", "--allow-read"],
    ...flags.map((flag) => `--v8-flags=${flag}`),
    `bench/${program}.ts`,
  ],
  bun: (program, flags = []) => ["bun", ...flags, `bench/${program}.ts`],
  node: (
    program,
    flags = [],
  ) => ["node", ...flags, `.node/bench/${program}.js`],
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}
