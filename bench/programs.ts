/**
 * The command that runs a program of `bench/` on each runtime, with flags for
 * that runtime.
 */
export const RUNTIMES: Readonly<
  Record<string, (program: string, flags?: readonly string[]) => string[]>
> = {
  deno: (program, flags = []) => [
    ...["deno", "run", "--no-prompt", "--allow-net", "--allow-read"],
    "--allow-write", // for Unix sockets
    ...flags.map((flag) => `--v8-flags=${flag}`),
    `bench/${program}.ts`,
  ],
  bun: (program, flags = []) => ["bun", ...flags, `bench/${program}.ts`],
  node: (
    program,
    flags = [],
  ) => ["node", ...flags, `.node/bench/${program}.js`],
};
