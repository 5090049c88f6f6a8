import { isIP } from "node:net";
import process from "node:process";
import { parseArgs } from "node:util";
import { type AddressLike, parseAddress } from "../mod.ts";

/** A flag of the command line. */
export interface Flag<Value> {
  /** Whether a value follows it, in the words of `parseArgs`. */
  readonly type: "string" | "boolean";
  /** Its default. */
  readonly fallback: Value;
  /** One line for `--help`. */
  readonly help: string;
  /** What is allowed, as the end of a sentence. */
  readonly rule: string;
  /** The value written as `text`, or `undefined` if that is not allowed. */
  parse(text: string | undefined): Value | undefined;
}

type Flags = Readonly<Record<string, Flag<unknown>>>;

type Values<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer Value> ? Value : never;
};

/** A flag whose value is an integer from `min` to `max`. */
export function integer(
  fallback: number,
  min: number,
  max: number,
  help: string,
): Flag<number> {
  return {
    type: "string",
    fallback,
    help: `${help} (${fallback})`,
    rule: `it needs an integer from ${min} to ${max}`,
    parse(text = "") {
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** A flag whose value is a host name or an IP address. */
export function hostname(fallback: string, help: string): Flag<string> {
  return {
    type: "string",
    fallback,
    help: `${help} (${fallback})`,
    rule: "it needs a host name or an IP address",
    parse: (text = "") =>
      isAddress({ hostname: text, port: 0 }) ? text : undefined,
  };
}

/** A flag whose value is an IP address. */
export function ipAddress(fallback: string, help: string): Flag<string> {
  return {
    type: "string",
    fallback,
    help: `${help} (${fallback})`,
    rule: "it needs an IP address",
    parse: (text = "") => isIP(text) > 0 ? text : undefined,
  };
}

/** The flags that say where a server listens. */
export function listenFlags(port: number): {
  readonly hostname: Flag<string>;
  readonly port: Flag<number>;
} {
  const help = "the port; 0 lets the system choose";
  return {
    hostname: hostname("127.0.0.1", "where to listen"),
    port: integer(port, 0, 65535, help),
  };
}

/** The flags that say where the server of a client is. */
export function connectFlags(port: number): ReturnType<typeof listenFlags> {
  return {
    hostname: hostname("127.0.0.1", "where the server is"),
    port: integer(port, 1, 65535, "its port"),
  };
}

/** A flag whose value is a text that is not empty; `rule` says what it should be. */
export function text(
  fallback: string,
  help: string,
  rule: string,
): Flag<string> {
  return {
    type: "string",
    fallback,
    help: fallback === "" ? help : `${help} (${fallback})`,
    rule,
    parse: (text = "") => text === "" ? undefined : text,
  };
}

/** A flag whose value is the path of a file; empty if it is not given. */
export function file(help: string): Flag<string> {
  return text("", help, "it needs a path");
}

/** A flag whose value is one of `choices`, the first if it is not given. */
export function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  help: string,
): Flag<Choice> {
  return {
    type: "string",
    fallback: choices[0],
    help: `${help}: ${choices.join(", ")} (${choices[0]})`,
    rule: `it needs one of ${choices.join(", ")}`,
    parse: (text) => choices.find((choice) => choice === text),
  };
}

/** A flag whose value is a host name or an IP address, and a port from `minPort` on. */
export function address(
  fallback: string,
  minPort: 0 | 1,
  help: string,
): Flag<string> {
  return {
    type: "string",
    fallback,
    help,
    rule: "it needs a host and a port, as 127.0.0.1:9229",
    parse: (text = "") => isAddress(text, minPort) ? text : undefined,
  };
}

/** True if `given` is a host name or an IP address, and a port from `minPort` on. */
export function isAddress(given: AddressLike, minPort: 0 | 1 = 0): boolean {
  try {
    const address = parseAddress(given);
    return address.transport === "tcp" && address.port >= minPort;
  } catch {
    return false;
  }
}

/** A flag without a value: off, unless it is given. */
export function toggle(help: string): Flag<boolean> {
  return {
    type: "boolean",
    fallback: false,
    help,
    rule: "it takes no value",
    parse: (text) => text === undefined ? true : undefined,
  };
}

/**
 * Reads the command line. Ends the program where there is no more to do: after
 * `--help`, and, with exit code 2, after a flag or value that is not allowed.
 */
export function readFlags<F extends Flags>(about: string, own: F): Values<F> {
  const flags: Flags = { ...own, help: toggle("show this and end") };
  const { tokens } = parseArgs({
    args: process.argv.slice(2),
    options: flags,
    strict: false,
    tokens: true,
  });
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(flags).map(([name, { fallback }]) => [name, fallback]),
  );
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") refuse(token.value, allowed(flags));
    const { name, rawName, value } = token;
    if (!Object.hasOwn(flags, name)) refuse(rawName, allowed(flags));
    values[name] = flags[name].parse(value);
    if (values[name] === undefined) {
      const given = value === undefined ? rawName : `${rawName} "${value}"`;
      refuse(given, flags[name].rule);
    }
  }
  if (values.help) showHelp(about, flags);
  return values as Values<F>;
}

/** Ends the program with exit code 1, and says why. */
export function fail(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(1);
}

function refuse(argument: string, rule: string): never {
  console.error(`Cannot use ${argument}: ${rule}`);
  process.exit(2);
}

function allowed(flags: Flags): string {
  const names = Object.keys(flags).map((name) => `--${name}`);
  return `the flags are ${names.join(", ")}`;
}

function showHelp(about: string, flags: Flags): never {
  const width = Math.max(...Object.keys(flags).map((name) => name.length));
  console.log(`${about}\n`);
  for (const [name, { help }] of Object.entries(flags)) {
    console.log(`  --${name.padEnd(width)}  ${help}`);
  }
  process.exit(0);
}
