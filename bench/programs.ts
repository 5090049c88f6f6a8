/** How a program of `bench/` is run on each runtime. */
export const RUNTIMES: Readonly<
  Record<string, (program: string) => string[]>
> = {
  deno: (program) => [
    ...["deno", "run", "--no-prompt", "--allow-net", "--allow-read"],
    `bench/${program}.ts`,
  ],
  bun: (program) => ["bun", `bench/${program}.ts`],
  node: (program) => ["node", `.node/bench/${program}.js`],
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
