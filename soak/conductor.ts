import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { hostAdapter } from "../mod.ts";
import { hear } from "./lines.ts";
import type { FloodReport, SoakReport } from "./report.ts";

/** The runtimes, and how a program of `soak/` is run on each. */
export const RUNTIMES = ["deno", "bun", "node"] as const;

export type RuntimeName = typeof RUNTIMES[number];

const FLAGS: Record<RuntimeName, string[]> = {
  deno: ["run", "--no-prompt", "--allow-all", "--v8-flags=--expose-gc"],
  bun: [],
  node: ["--enable-source-maps", "--expose-gc"],
};

/** How much longer than planned a program may take before it is killed. */
const EXTRA_SECONDS = 90;

/** How long a process may take to exit after its report. */
const EXIT_MS = 10_000;

/**
 * Soaks one runtime for `seconds`. The plain sockets run on the current
 * runtime.
 */
export function soak(
  runtime: RuntimeName,
  seconds: number,
  seed: number,
): Promise<SoakReport> {
  const host = hostAdapter().name as RuntimeName;
  const peers = JSON.stringify(commandOf(host, "peers"));
  const args = [seed, seconds, peers].map(String);
  return reportOf(
    runtime,
    [...commandOf(runtime, "subject"), ...args],
    seconds,
  );
}

/** Plays one flood on `runtime`, in a process of its own. */
export function flood(
  runtime: RuntimeName,
  seed: number,
): Promise<FloodReport> {
  return reportOf(runtime, [...commandOf(runtime, "flood"), String(seed)], 0);
}

/** Runs a program, which should take `seconds`, and resolves to its report. */
function reportOf<Report>(
  runtime: RuntimeName,
  [program, ...args]: string[],
  seconds: number,
): Promise<Report> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  let report: Report | undefined;
  let wasStopped = false;
  const stop = () => {
    wasStopped = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(stop, (seconds + EXTRA_SECONDS) * 1000);
  hear<Report>(child.stdout, (line) => {
    report = line;
    child.stdin.end();
    clearTimeout(timer);
    timer = setTimeout(stop, EXIT_MS);
  }, () => {});
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (report === undefined) {
        reject(new Error(`${runtime} ended with ${code} and did not report`));
      } else if (wasStopped) {
        reject(new Error(`${runtime} did not end by itself`));
      } else {
        resolve(report);
      }
    });
  });
}

/**
 * The command that runs a program of `soak/` on `runtime`: the file beside this
 * one on the current runtime, otherwise the source.
 */
function commandOf(runtime: RuntimeName, name: string): string[] {
  if (runtime !== hostAdapter().name) {
    return [runtime, ...FLAGS[runtime], `soak/${name}.ts`];
  }
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`./${name}.${extension}`, import.meta.url);
  return [process.execPath, ...FLAGS[runtime], fileURLToPath(url)];
}
