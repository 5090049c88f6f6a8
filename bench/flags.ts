import process from "node:process";
import { parseArgs } from "node:util";
import { EXPERIMENTS } from "./experiments/all.ts";
import type { Experiment } from "./experiments/experiment.ts";
import { RUNTIMES } from "./programs.ts";
import { canPin, type Settings } from "./settings.ts";

/** The parsed command line. */
export interface Flags extends Settings {
  readonly experiments: readonly Experiment[];
  readonly runtimes: readonly string[];
  /** Folder for the results. */
  readonly out: string;
  /** True to render the tables and plots again without measuring. */
  readonly redraw: boolean;
  /** The command as typed. */
  readonly command: string;
}

const LOADS = EXPERIMENTS.map(({ name }) => name);

const USAGE = `npm run bench -- [flags]
  --load NAME     only this, may be given several times:
                  ${LOADS.slice(0, 7).join(", ")},
                  ${LOADS.slice(7).join(", ")}
  --runtime NAME  only this, may be given several times: ${
  Object.keys(RUNTIMES).join(", ")
}
  --rounds 9      turns of each server
  --seconds 0.5   of each turn
  --no-pin        do not keep servers on core 0 and the load generator on core 1
  --out bench     folder for RESULTS.md, the plots, and results.jsonl
  --redraw        measure nothing, write tables and plots anew`;

/**
 * Parses the command line. Prints the usage and exits on --help or an error.
 */
export function readFlags(): Flags {
  try {
    return parse();
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function parse(): Flags {
  const args = process.argv.slice(2);
  const { values } = parseArgs({
    args,
    options: {
      load: { type: "string", multiple: true, default: LOADS },
      runtime: {
        type: "string",
        multiple: true,
        default: Object.keys(RUNTIMES),
      },
      rounds: { type: "string", default: "9" },
      seconds: { type: "string", default: "0.5" },
      "no-pin": { type: "boolean", default: false },
      out: { type: "string", default: "bench" },
      redraw: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  expectNames("load", values.load, LOADS);
  expectNames("runtime", values.runtime, Object.keys(RUNTIMES));
  return {
    experiments: EXPERIMENTS.filter(({ name }) => values.load.includes(name)),
    runtimes: Object.keys(RUNTIMES).filter((it) => values.runtime.includes(it)),
    rounds: numberOf("rounds", values.rounds, Number.isInteger),
    seconds: numberOf("seconds", values.seconds, Number.isFinite),
    pin: !values["no-pin"] && canPin(),
    out: values.out,
    redraw: values.redraw,
    command: ["npm run bench", ...args.length > 0 ? ["--"] : [], ...args]
      .join(" "),
  };
}

function expectNames(
  flag: string,
  names: readonly string[],
  known: readonly string[],
): void {
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`There is no ${flag} ${name}.`);
  }
}

function numberOf(
  flag: string,
  text: string,
  isUsable: (value: number) => boolean,
): number {
  const value = Number(text);
  if (isUsable(value) && value > 0) return value;
  throw new Error(`--${flag} ${text} is not a number that can be used.`);
}
