/** What somebody wants. */
export type CommandLine = Top | { readonly kind: "help" } | {
  readonly kind: "mistake";
  readonly why: string;
};

/** `reactio top`. */
export interface Top {
  readonly kind: "top";
  /** Where the inspector is, with a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  /** Shows what is there now, and ends. */
  readonly isOnce: boolean;
}

/** What `--help` says. */
export const USAGE = `reactio top [--once] <address>

Shows what a runtime does that is inspected: address is where its inspector
listens, host:port or the URL that it tells. A token stands behind it as
#token=…, or in the environment as REACTIO_TOKEN.

  --once  show it once, and end; so it does if the output is no terminal
  --help  show this

Keys: s sorts by the next column, p pauses, q ends.`;

/** Reads the command line. */
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
  if (unknown !== undefined) return mistake(`Cannot use ${unknown}`);
  if (command === undefined) return { kind: "help" };
  if (command !== "top") return mistake(`Cannot do ${command}: there is top`);
  if (address === undefined) return mistake("Cannot show it: where is it?");
  const url = urlOf(address);
  if (url === undefined) return mistake(`Cannot ask at ${address}`);
  const [, behind] = /^#token=(.+)$/.exec(url.hash) ?? [];
  const token = behind === undefined ? env.REACTIO_TOKEN : decoded(behind);
  if (behind !== undefined && token === undefined) {
    return mistake("Cannot read the token behind the address");
  }
  const isOnce = flags.includes("--once");
  return { kind: "top", url: `${url.origin}/`, token, isOnce };
}

/** Undefined if it was not encoded so. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function urlOf(address: string): URL | undefined {
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function mistake(why: string): CommandLine {
  return { kind: "mistake", why };
}
