import { describeAddress } from "../api/address.ts";
import {
  InvalidOptionError,
  ListenError,
  UnsupportedTransportError,
} from "../api/errors.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Address, Transport } from "../contract/address.ts";
import { type UnixPathKind, unixPathKind } from "../util/unix_paths.ts";
import type { AdapterConnectOptions } from "../contract/connect.ts";
import type { AdapterListenOptions } from "../contract/listener.ts";

/**
 * Returns the options for `adapter.connect` to `address`. Throws
 * {@linkcode UnsupportedTransportError}.
 */
export function adapterConnectOptions(
  adapter: Adapter,
  address: Address,
): AdapterConnectOptions {
  checkTransport(adapter, "connect to", address);
  if (address.transport !== "fd") return { address };
  throw unsupported(
    "connect to",
    address,
    "a socket that was handed over is there to listen on",
  );
}

/**
 * Returns the options for `adapter.listen` on `address`. Throws
 * {@linkcode UnsupportedTransportError}, {@linkcode ListenError} or
 * {@linkcode InvalidOptionError}.
 */
export function adapterListenOptions(
  adapter: Adapter,
  address: Address,
  { backlog, reusePort, mode }: Pick<
    ListenSettings,
    "backlog" | "reusePort" | "mode"
  >,
): AdapterListenOptions {
  checkTransport(adapter, "listen on", address);
  const { transport } = address;
  if (reusePort && (transport !== "tcp" || !adapter.reusesPorts)) {
    throw new ListenError(
      `Cannot listen on ${describeAddress(address)} with reusePort: ${
        transport === "tcp"
          ? `${adapter.name} cannot share ports here`
          : UNSHARED[transport]
      }`,
    );
  }
  const options = { address, backlog, reusePort };
  if (mode === undefined) return options;
  if (transport === "unix" && unixPathKind(address.path) === "file") {
    return { ...options, mode };
  }
  throw new InvalidOptionError(
    `Cannot use mode 0o${mode.toString(8)} to listen on ${
      describeAddress(address)
    }: only the file of a Unix socket has permissions`,
  );
}

/** Why an address of this transport cannot be shared. */
const UNSHARED: Readonly<Record<Exclude<Transport, "tcp">, string>> = {
  unix: "a Unix socket cannot be shared",
  fd: "how its port is shared was decided by who bound it",
};

/** Names of path kinds, for messages. */
const PATHS: Readonly<Record<UnixPathKind, string>> = {
  file: "Unix sockets in files",
  abstract: "abstract names (they are of Linux)",
  pipe: "named pipes (they are of Windows)",
};

function checkTransport(
  adapter: Adapter,
  action: string,
  address: Address,
): void {
  const why = whyNot(adapter, address);
  if (why !== undefined) throw unsupported(action, address, why);
}

/** Returns why `adapter` has no sockets for `address`; undefined if it has. */
function whyNot(
  { name, transports, unixPaths }: Adapter,
  address: Address,
): string | undefined {
  if (!transports.includes(address.transport)) {
    return `the sockets of ${name} are of ${inWords(transports)} only`;
  }
  if (address.transport !== "unix") return undefined;
  const kind = unixPathKind(address.path);
  return unixPaths?.includes(kind) === false
    ? `${name} has no ${PATHS[kind]} here`
    : undefined;
}

function unsupported(
  action: string,
  address: Address,
  why: string,
): UnsupportedTransportError {
  return new UnsupportedTransportError(
    `Cannot ${action} ${describeAddress(address)}: ${why}`,
  );
}

/** Formats a list such as `tcp, unix and fd`. */
function inWords(transports: readonly Transport[]): string {
  const rest = transports.slice(0, -1).join(", ");
  return [rest, transports.at(-1)].filter(Boolean).join(" and ");
}
