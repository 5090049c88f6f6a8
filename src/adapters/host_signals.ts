import type { ProcessSignals } from "../contract/signals.ts";
import { inNobodysContext } from "./async_context.ts";
import { hostModule } from "./host_modules.ts";

/** What is used of `process`, which Deno and Bun have as well. */
interface HostProcess {
  readonly platform: string;
  on(signal: string, listener: () => void): void;
  off(signal: string, listener: () => void): void;
  exit(code: number): void;
}

/** What is used of `node:os`. */
interface Os {
  readonly constants: {
    readonly signals: Readonly<Record<string, number | undefined>>;
  };
}

/** Nothing is touched before a call, so it can be loaded where there is no `process`. */
const host = globalThis as unknown as { readonly process: HostProcess };

/** What no process hears. Not every runtime says so. */
const UNHEARD: readonly string[] = ["SIGKILL", "SIGSTOP"];

/** The signals of the process that this runs in. */
export const hostSignals: ProcessSignals = {
  /** Windows has Ctrl+C and Ctrl+Break; what ends a process otherwise does not ask. */
  get ending(): readonly string[] {
    return host.process.platform === "win32"
      ? ["SIGINT", "SIGBREAK"]
      : ["SIGTERM", "SIGINT"];
  },

  numberOf(signal) {
    if (UNHEARD.includes(signal)) return undefined;
    const { signals } = hostModule<Os>("node:os").constants;
    return Object.hasOwn(signals, signal) ? signals[signal] : undefined;
  },

  listen(signal, callback) {
    const listener = () => callback();
    inNobodysContext(() => host.process.on(signal, listener));
    return () => host.process.off(signal, listener);
  },

  exit: (code) => host.process.exit(code),
};
