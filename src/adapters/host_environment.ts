import type { ProcessEnvironment } from "../contract/environment.ts";

/** What is used of `process`, which Deno and Bun have as well. */
interface ProcessOfHost {
  readonly process: {
    readonly pid: number;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
}

/** Nothing is touched before a call, so it can be loaded where there is no `process`. */
const host = globalThis as unknown as ProcessOfHost;

/** The environment of the process that this runs in. */
export const hostEnvironment: ProcessEnvironment = {
  get processId(): number {
    return host.process.pid;
  },

  variable: (name) => host.process.env[name],
};
