import type { ProcessEnvironment } from "../contract/environment.ts";

/** The part of `process`, which Deno and Bun have as well, that is used. */
interface ProcessOfHost {
  readonly process: {
    readonly pid: number;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
}

/**
 * Accessed only in calls, so this module can be loaded where there is no
 * `process`.
 */
const host = globalThis as unknown as ProcessOfHost;

/** The environment of the current process. */
export const hostEnvironment: ProcessEnvironment = {
  get processId(): number {
    return host.process.pid;
  },

  variable: (name) => host.process.env[name],
};
