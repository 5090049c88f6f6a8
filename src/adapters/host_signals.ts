import type { ProcessSignals } from "../contract/signals.ts";
import { outsideAsyncContext } from "./async_context.ts";
import { hostModule } from "./host_modules.ts";

/** The part of `process`, which Deno and Bun have as well, that is used. */
interface HostProcess {
  readonly platform: string;
  on(signal: string, listener: () => void): void;
  off(signal: string, listener: () => void): void;
  exit(code: number): void;
}

/** The part of `node:os` that is used. */
interface Os {
  readonly constants: {
    readonly signals: Readonly<Record<string, number | undefined>>;
  };
}

/**
 * Accessed only in calls, so this module can be loaded where there is no
 * `process`.
 */
const host = globalThis as unknown as { readonly process: HostProcess };

/** Signals that no process can listen for. Some runtimes do not reject them. */
const UNCATCHABLE: readonly string[] = ["SIGKILL", "SIGSTOP"];

/** The signals of the current process. */
export const hostSignals: ProcessSignals = {
  /**
   * On Windows, only Ctrl+C and Ctrl+Break give a process the chance to end in
   * order.
   */
  get ending(): readonly string[] {
    return host.process.platform === "win32"
      ? ["SIGINT", "SIGBREAK"]
      : ["SIGTERM", "SIGINT"];
  },

  numberOf(signal) {
    if (UNCATCHABLE.includes(signal)) return undefined;
    const { signals } = hostModule<Os>("node:os").constants;
    return Object.hasOwn(signals, signal) ? signals[signal] : undefined;
  },

  listen(signal, callback) {
    const listener = () => callback();
    outsideAsyncContext(() => host.process.on(signal, listener));
    return () => host.process.off(signal, listener);
  },

  exit: (code) => host.process.exit(code),
};
