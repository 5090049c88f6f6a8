import { Program, type ProgramOptions } from "./process.ts";
import { RUNTIMES } from "./programs.ts";
import type { Announcement } from "./servers/host.ts";
import { asServer, type Settings } from "./settings.ts";

/** The servers that are compared, and the program and arguments of each. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  "raw": ["raw"],
  "raw node:net": ["raw", "--node-net"],
  "raw, 400 ns late": ["raw", "--late"],
  "careful": ["careful"],
  "naive": ["naive"],
  "Reactio": ["reactio"],
  "Reactio, sendOrQueue": ["reactio", "--queue"],
  "careful, encoded": ["careful", "--encoded"],
  "Reactio, encoded": ["reactio", "--encoded"],
  "Reactio, framed by hand": ["reactio", "--payload"],
  "Reactio, lengthPrefixed": ["codecs"],
  "Reactio, messageCodec": ["codecs", "--encoded"],
};

/** How to start a server. */
export interface ServerOptions extends ProgramOptions {
  /** Counts what comes in instead of sending it back. */
  readonly isSink?: boolean;
  /** Reports its memory for each line on its standard input. */
  readonly hasProbe?: boolean;
  /** Flags of the runtime. */
  readonly flags?: readonly string[];
}

/** A server that listens. */
export interface RunningServer extends Announcement {
  readonly program: Program;
}

const START_LIMIT_MS = 20_000;

/** Starts the server called `name`; resolves when it listens. */
export async function startServer(
  runtime: string,
  name: string,
  settings: Settings,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const [file, ...args] = SERVERS[name];
  if (options.isSink) args.push("--sink");
  if (options.hasProbe) args.push("--probe");
  const command = RUNTIMES[runtime](`servers/${file}`, options.flags);
  const program = new Program(
    asServer(settings, [...command, ...args]),
    options,
  );
  const announcement = await program.next<Announcement>(START_LIMIT_MS);
  return { ...announcement, program };
}
