import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { LoadedServer } from "./generator.ts";
import { Program, type ProgramOptions } from "./process.ts";
import { RUNTIMES } from "./programs.ts";
import type { Announcement } from "./servers/host.ts";
import { asServer, type Settings } from "./settings.ts";
import { UNCOUNTED } from "./uncounted.ts";

/** The compared servers: the program and arguments of each. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  "raw": ["raw"],
  "raw node:net": ["raw", "--node-net"],
  "raw, 400 ns late": ["raw", "--late"],
  "careful": ["careful"],
  "naive": ["naive"],
  "Reactio": ["reactio"],
  "Reactio, uncounted": ["reactio"],
  "Reactio, view made": ["reactio", "--view"],
  "Reactio, sendOrQueue": ["reactio", "--queue"],
  "careful, encoded": ["careful", "--encoded"],
  "Reactio, encoded": ["reactio", "--encoded"],
  "Reactio, framed by hand": ["reactio", "--payload"],
  "Reactio, lengthPrefixed": ["codecs"],
  "Reactio, messageCodec": ["codecs", "--encoded"],
  "node:tls": ["tls"],
  "node:tls, framed": ["tls", "--framed"],
  "node:tls over Deno.Conn": ["tls", "--over-conn"],
  "its own TLS": ["tls", "--native"],
  "Reactio, TLS": ["reactio", "--tls", "--unframed"],
  "Reactio, TLS, framed": ["reactio", "--tls"],
  "Reactio, TLS, nodeAdapter": ["reactio", "--tls", "--unframed", "--node-net"],
  "raw, Unix": ["raw", "--unix"],
  "Reactio, Unix": ["reactio", "--unix"],
};

/** Servers that run in another folder. */
const FOLDERS: Readonly<Record<string, string>> = {
  "Reactio, uncounted": UNCOUNTED,
};

/** How to start a server. */
export interface ServerOptions extends ProgramOptions {
  /** True to count received messages instead of answering them. */
  readonly isSink?: boolean;
  /** True to report memory use for each line on stdin. */
  readonly hasProbe?: boolean;
  /** Flags of the runtime. */
  readonly flags?: readonly string[];
}

/** A server that listens. */
export interface RunningServer extends LoadedServer {
  readonly program: Program;
}

const START_LIMIT_MS = 20_000;

/** Starts the server called `name`. Resolves when it is listening. */
export async function startServer(
  runtime: string,
  name: string,
  settings: Settings,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const [file, ...flags] = SERVERS[name];
  const args = flags.map((flag) =>
    flag === "--unix" ? `--unix=${newPath()}` : flag
  );
  if (options.isSink) args.push("--sink");
  if (options.hasProbe) args.push("--probe");
  const command = RUNTIMES[runtime](`servers/${file}`, options.flags);
  const program = new Program(
    asServer(settings, [...command, ...args]),
    { ...options, folder: FOLDERS[name] },
  );
  const isTls = file === "tls" || flags.includes("--tls");
  const announcement = await program.next<Announcement>(START_LIMIT_MS);
  return { ...announcement, isTls, program };
}

let pathCount = 0;

/**
 * Returns a new path for a Unix socket, which is removed when this process
 * exits.
 */
function newPath(): string {
  const name = `reactio-bench-${process.pid}-${++pathCount}.sock`;
  const path = join(tmpdir(), name);
  process.on("exit", () => rmSync(path, { force: true }));
  return path;
}
