/** A parsed command line. */
export type CommandLine = Top | { readonly kind: "help" } | {
  readonly kind: "mistake";
  readonly why: string;
};

/** `reactio top`. */
export interface Top {
  readonly kind: "top";
  /** The URL of the inspector, with a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  /** Show the current state and exit. */
  readonly isOnce: boolean;
}

/** What `--help` prints. */
export const USAGE = `reactio top [--once] <address>

Shows what a runtime is doing. The address is that of its inspector: host:port,
or the URL that the inspector printed. Give its token as #token=… at the end of
the URL, or in the environment variable REACTIO_TOKEN.

  --once  show it once and exit; the default if the output is not a terminal
  --help  show this help

Keys: s sorts by the next column, p pauses, q ends.`;

/** Parses the command line. */
export function commandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const flags = args.filter((arg) => arg.startsWith("--"));
  const [command, address, ...rest] = args.filter((arg) =>
    !arg.startsWith("--")
  );
  if (flags.includes("--help")) return { kind: "help" };
  const unknown = flags.find((flag) => flag !== "--once") ?? rest.at(0);
  if (unknown !== undefined) return mistake(`Unexpected argument ${unknown}`);
  if (command === undefined) return { kind: "help" };
  if (command !== "top") return mistake(`Unknown command ${command}: use top`);
  if (address === undefined) {
    return mistake("The address of the inspector is missing");
  }
  const url = inspectorUrl(address);
  if (url === undefined) return mistake(`Invalid address ${address}`);
  const [, behind] = /^#token=(.+)$/.exec(url.hash) ?? [];
  const token = behind === undefined ? env.REACTIO_TOKEN : decoded(behind);
  if (behind !== undefined && token === undefined) {
    return mistake("Cannot decode the token after the address");
  }
  const isOnce = flags.includes("--once");
  return { kind: "top", url: `${url.origin}/`, token, isOnce };
}

/** Undefined if `text` is not validly percent-encoded. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function inspectorUrl(address: string): URL | undefined {
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function mistake(why: string): CommandLine {
  return { kind: "mistake", why };
}
