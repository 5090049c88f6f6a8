/** Compiles and runs the load generator, a program in C. */

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import process from "node:process";
import { Program } from "./process.ts";
import { asGenerator, type Settings, SETTLE_SECONDS } from "./settings.ts";

/** What to load a server with. */
export interface Load {
  readonly mode: "echo" | "sink" | "churn" | "idle";
  readonly connections: number;
  readonly inFlight: number;
  readonly size: number;
  /**
   * The number of messages after which the window ends; by default, only time
   * ends it.
   */
  readonly messages?: number;
}

/**
 * The result of a measurement, in a window that begins once all connections are
 * being served.
 */
export interface LoadReport {
  /** Messages, including those outside the window. */
  readonly total: number;
  readonly messages: number;
  readonly perSecond: number;
  /** Processor time of the server per message, in nanoseconds. */
  readonly cpuNs: number;
  /** Utilization of the server; 1 means a whole core. */
  readonly serverShare: number;
  /** Utilization of the generator, not counting polls that found nothing. */
  readonly generatorShare: number;
  /** Round-trip times in microseconds; left out for a sink. */
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly p999?: number;
  readonly max?: number;
}

const SOURCES = "bench/load";
const OUT = ".node/load";

/** How long the generator may take beyond its window, in milliseconds. */
const GRACE_MS = 40_000;

/** The server that is put under load. */
export interface LoadedServer {
  readonly pid: number;
  /** Its port, unless it listens on a path. */
  readonly port?: number | undefined;
  /** The path of its Unix socket. */
  readonly path?: string | undefined;
  readonly isTls?: boolean | undefined;
}

/**
 * Compiles the generator into `folder`, with TLS if the OpenSSL headers are
 * installed. Returns the path of the program.
 */
export function compileGenerator(folder: string): string {
  if (process.platform !== "linux") {
    throw new Error(
      "The load generator needs Linux: it uses epoll, and the processor clocks of other processes.",
    );
  }
  mkdirSync(folder, { recursive: true });
  const program = programIn(folder);
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith(".c"));
  const { status, error, stderr } = spawnSync("cc", [
    ...["-O2", "-std=gnu11", "-Wall", "-Wextra", "-o", program],
    ...sources.map((name) => `${SOURCES}/${name}`),
    ...hasOpenssl() ? ["-DWITH_TLS", "-lssl", "-lcrypto"] : [],
  ], { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error(
      "The load generator is written in C, and there is no C compiler `cc`: install one (Debian: apt-get install gcc libc6-dev).",
      { cause: error },
    );
  }
  if (status !== 0) {
    throw new Error(`The load generator does not compile:\n${stderr}`);
  }
  return program;
}

/** True if the OpenSSL headers are installed. */
export function hasOpenssl(): boolean {
  const input = "#include <openssl/ssl.h>\n";
  return spawnSync("cc", ["-E", "-"], { input }).status === 0;
}

/** Compiles the generator for `startGenerator`, or exits with a message. */
export function buildGenerator(): void {
  try {
    compileGenerator(OUT);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

function programIn(folder: string): string {
  return `${folder}/load`;
}

/** Starts the generator against a server. */
export function startGenerator(
  { pid, port, path, isTls = false }: LoadedServer,
  load: Load,
  seconds: number,
  settings: Settings,
): Program {
  return new Program(asGenerator(settings, [
    programIn(OUT),
    load.mode,
    ...path === undefined ? [`port=${port}`] : [`path=${path}`],
    `tls=${Number(isTls)}`,
    `pid=${pid}`,
    `connections=${load.connections}`,
    `in_flight=${load.inFlight}`,
    `size=${load.size}`,
    `messages=${load.messages ?? 0}`,
    `warm_up=${SETTLE_SECONDS}`,
    `seconds=${seconds}`,
    `spin=${Number(settings.pin)}`,
  ]));
}

/** Loads a server for the given number of seconds. */
export async function runGenerator(
  server: LoadedServer,
  load: Load,
  seconds: number,
  settings: Settings,
): Promise<LoadReport> {
  const generator = startGenerator(server, load, seconds, settings);
  try {
    return await generator.next<LoadReport>(seconds * 1000 + GRACE_MS);
  } finally {
    await generator.stop();
  }
}
