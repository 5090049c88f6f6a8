import { spawnSync } from "node:child_process";
import { arch, cpus, loadavg, release, totalmem } from "node:os";

/** The machine, and the versions of the measured programs. */
export interface Machine {
  readonly versions: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
}

export function thisMachine(): Machine {
  return {
    versions: {
      Deno: versionOf("deno"),
      Bun: versionOf("bun"),
      Node: versionOf("node"),
      "C compiler": versionOf("cc"),
    },
    cores: cpus().length,
    processor: `${cpus()[0]?.model ?? "unknown"}, ${arch()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release().split("-")[0]}`,
  };
}

/** True if results of both may appear in the same table. */
export function isSameMachine(a: Machine, b: Machine): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The load average of the last minute. */
export function loadAverage(): number {
  return loadavg()[0];
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(stdout ?? "")?.[0] ?? "none";
}
