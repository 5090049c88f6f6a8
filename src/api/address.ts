/**
 * Addresses as users write them.
 *
 * @module
 */

import type {
  Address,
  FdAddress,
  SocketAddress,
  TcpAddress,
  UnixAddress,
} from "../contract/address.ts";
import { InvalidAddressError } from "./errors.ts";
import { forget } from "../util/forget.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { MAX_UNIX_PATH, unixPathKind } from "../util/unix_paths.ts";
import { encoder } from "../util/utf8.ts";
import { printable } from "../util/printable.ts";
import { cut, messageOf, read, textOf } from "../util/text.ts";

/**
 * An address as users write it: `"host:port"`, `"[ipv6]:port"`, `"unix:/path"`,
 * an {@linkcode Address}, or an object with only host and port. The host is a
 * literal IP address or a name, which may be internationalised. A host that
 * ends in a number is an IPv4 address. The path of a Unix socket contains a
 * slash, which distinguishes it from the port of a host named `unix`;
 * `"unix:@name"` is an abstract name on Linux, and `"unix:\\\\.\\pipe\\name"` a
 * named pipe on Windows. `"fd:3"` is an inherited socket, by its file
 * descriptor. For a host named `fd`, give host and port separately.
 *
 * @category Reactors
 */
export type AddressLike =
  | string
  | SocketAddress
  | { readonly hostname: string; readonly port: number };

/**
 * The type of a parsed address: TCP for `"host:port"` or an object with host
 * and port, a Unix socket for `unix:` with a path. For a plain `string` nothing
 * is known, nor for `"fd:3"`, which may be either.
 *
 * @category Reactors
 */
export type AddressOf<Given extends AddressLike> = Given extends
  | UnixAddress
  | `unix:${string}/${string}`
  | `unix:@${string}`
  | `unix:\\\\${string}` ? UnixAddress
  : Given extends `fd:${number}` ? Address
  : Given extends
    | `${string}:${number}`
    | `[${string}]:${number}`
    | {
      readonly transport?: "tcp";
      readonly hostname: string;
      readonly port: number;
    } ? TcpAddress
  : Address;

const BRACKETED = /^\[([^\]:]*:[^\]]*)\]:(\d{1,5})$/;
const PLAIN = /^([^:[\]\s]+):(\d{1,5})$/;

/**
 * A path with a slash, an abstract name, or a named pipe. Without NUL
 * characters, at which the system would cut it off.
 */
const UNIX_PATH = /^(?:@[^\0]+|(?!@)[^\0]*\/[^\0]*|\\\\[.?]\\pipe\\[^\0]+)$/i;
const UNIX_PREFIX = "unix:";

/** A path that can only name a folder. */
const FOLDER = /\/\.{0,2}$/;

const FD = /^fd:(\d{1,10})$/;

/**
 * The most characters of an address in a message. No valid address is longer.
 */
const MAX_SHOWN = 260;

/** A host name in ASCII: labels, and an optional dot at the end. */
const NAME = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?$/;

/** The longest host name, without a dot at the end. */
const LONGEST_NAME = 253;

/** A host that ends in a number is an IPv4 address, not a name. */
const NUMERIC = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;

/**
 * A name with other letters. Its ASCII characters are those of names, and none
 * that would delimit parts of a URL.
 */
const INTERNATIONAL = /^(?:[\w.-]|[^\0-\x7f])+$/;

/** A possible IPv6 address, and its zone, which only the system can check. */
const IPV6 = /^([\da-f:.]+)(%[^\s\p{Cc}[\]%]+)?$/iu;

/**
 * Parses `address`. It reads each property once, so later changes have no effect.
 *
 * @param address The address, as text or in parts.
 * @returns The address, in parts.
 * @throws {InvalidAddressError} If it is not an address, or its path has more than
 * 107 bytes or is that of a folder.
 *
 * @category Reactors
 */
export function parseAddress(address: AddressLike): Address {
  const given = copyParts(address);
  const parsed = typeof given === "string" ? ofText(given) : ofParts(given);
  if (parsed !== undefined) return withUsablePath(parsed);
  forget(address);
  throw new InvalidAddressError(
    `Cannot read the address ${
      showAddress(given)
    }: write "host:port" or "[ipv6]:port" with a port of 0 to 65535, "unix:/path", "unix:@name" or "fd:3"`,
  );
}

/**
 * Parses the address of a peer. Throws {@linkcode InvalidAddressError} as
 * {@linkcode parseAddress} does, and for port 0, which only means something to a
 * listener.
 */
export function parseTarget(address: AddressLike): Address {
  const target = parseAddress(address);
  if (target.transport !== "tcp" || target.port !== 0) return target;
  throw new InvalidAddressError(
    `Cannot connect to ${
      describeAddress(target)
    }: port 0 stands for any free port to listen on; connect to the address of the listener`,
  );
}

/**
 * Returns `address` unless its path cannot work: for folders and long paths,
 * the errors of the system are no help.
 */
function withUsablePath(address: Address): Address {
  if (address.transport !== "unix") return address;
  const { path } = address;
  const kind = unixPathKind(path);
  const size = encoder.encode(path).length;
  const fault = kind === "file" && FOLDER.test(path)
    ? "it names a folder"
    : kind !== "pipe" && size > MAX_UNIX_PATH
    ? `it has ${size} bytes, and the limit is ${MAX_UNIX_PATH}`
    : undefined;
  if (fault === undefined) return address;
  throw new InvalidAddressError(
    `Cannot use the path ${showAddress(path)} of a Unix socket: ${fault}`,
  );
}

/**
 * Formats an address as text.
 *
 * @param address The address.
 * @returns `host:port`, with IPv6 in brackets, or `unix:/path`, or `fd:3`, which
 * {@linkcode parseAddress} can parse again, unless the address is unknown.
 * @throws {InvalidAddressError} If it is not an address.
 *
 * @category Reactors
 */
export function formatAddress(address: SocketAddress): string {
  const text: string | undefined = plainText(address);
  if (text !== undefined) return text;
  throw new InvalidAddressError(
    `Cannot format ${showAddress(address)}: it is not an address`,
  );
}

/** The text of an address; undefined for what is none in spite of its type. */
function plainText(address: SocketAddress): string {
  switch (address?.transport) {
    case "tcp": {
      const { hostname, port } = address;
      return hostname.includes(":")
        ? `[${hostname}]:${port}`
        : `${hostname}:${port}`;
    }
    case "unix":
      return UNIX_PREFIX + address.path;
    case "fd":
      return `fd:${address.fd}`;
    case "unknown":
      return "unknown address";
  }
}

/**
 * Formats `address` for a message or a log, like {@linkcode formatAddress}, in
 * one line.
 */
export function describeAddress(address: SocketAddress): string {
  return printable(plainText(address));
}

/** The peer of a socket, for a message or a log. */
export function peerOf(
  { remoteAddress }: { readonly remoteAddress: SocketAddress },
): string {
  return remoteAddress.transport === "unknown"
    ? "the peer"
    : describeAddress(remoteAddress);
}

/** What a listener is called in a message or a log: by the address that it was given, since nobody knows its id. */
export function describeListener(listener: { address: SocketAddress }): string {
  return `the listener on ${describeAddress(listener.address)}`;
}

/**
 * Formats any value that was passed as an address, for a message. Shows only
 * the properties of addresses, since others may be secret.
 */
export function showAddress(address: unknown): string {
  if (typeof address === "string") {
    return printable(JSON.stringify(cut(address, MAX_SHOWN)));
  }
  if (typeof address !== "object" || address === null) return textOf(address);
  const parts = PARTS.map((name) => [name, shownPart(read(address, name))]);
  return JSON.stringify(Object.fromEntries(parts));
}

function shownPart(value: unknown): unknown {
  const isPlain = value === undefined || typeof value === "number";
  return isPlain ? value : textOf(value, MAX_SHOWN);
}

/** The properties that an address object may have. */
const PARTS = ["transport", "hostname", "port", "path", "fd"] as const;
type Parts = { readonly [_ in typeof PARTS[number]]?: unknown };

/** Copies the properties of `address` that matter, each read once. */
function copyParts(address: AddressLike): string | Parts | undefined {
  if (typeof address === "string") return address;
  if (typeof address !== "object" || address === null) return address;
  try {
    const parts = PARTS.map((name) => [name, (address as Parts)[name]]);
    return Object.fromEntries(parts);
  } catch (cause) {
    throw new InvalidAddressError(
      `Cannot read the address: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function ofText(text: string): Address | undefined {
  if (text.startsWith(UNIX_PREFIX)) {
    const path = text.slice(UNIX_PREFIX.length);
    if (UNIX_PATH.test(path)) return { transport: "unix", path };
  }
  const fd = FD.exec(text);
  if (fd !== null) return fdAddress(Number(fd[1]));
  const [, host, port] = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? [];
  return tcpAddress(host, Number(port));
}

function ofParts(parts: Parts | undefined): Address | undefined {
  if (typeof parts !== "object" || parts === null) return undefined;
  const { transport = "tcp", hostname, port, path, fd } = parts;
  if (transport === "tcp") return tcpAddress(hostname, port);
  if (transport === "fd") return fdAddress(fd);
  return transport === "unix" && typeof path === "string" &&
      UNIX_PATH.test(path)
    ? { transport, path }
    : undefined;
}

function fdAddress(fd: unknown): FdAddress | undefined {
  const isFd = typeof fd === "number" && Number.isInteger(fd) && fd >= 0 &&
    fd <= MAX_INT32;
  return isFd ? { transport: "fd", fd } : undefined;
}

function tcpAddress(host: unknown, port: unknown): TcpAddress | undefined {
  if (typeof host !== "string" || typeof port !== "number") return undefined;
  const hostname = canonical(host);
  return hostname !== undefined && Number.isInteger(port) && port >= 0 &&
      port <= 65535
    ? { transport: "tcp", hostname, port }
    : undefined;
}

/**
 * Normalizes `host` to a form that every resolver understands; undefined if it
 * is invalid.
 */
function canonical(host: string): string | undefined {
  const [, ipv6 = "", zone = ""] = IPV6.exec(host) ?? [];
  if (ipv6.includes(":")) {
    const shortest = urlHost(`[${ipv6}]`)?.slice(1, -1);
    return shortest === undefined ? undefined : shortest + zone;
  }
  const isAscii = NAME.test(host);
  if (!isAscii && !INTERNATIONAL.test(host)) return undefined;
  const isPlain = isAscii && !NUMERIC.test(host);
  const name = isPlain ? host : urlHost(host) ?? "";
  const { length } = name.endsWith(".") ? name.slice(0, -1) : name;
  return NAME.test(name) && length <= LONGEST_NAME ? name : undefined;
}

/**
 * Converts an internationalised `name` to ASCII; returns other names unchanged.
 */
export function asciiName(name: string): string {
  return /^[\0-\x7f]*$/.test(name) ? name : urlHost(name) ?? name;
}

/**
 * Normalizes `host` like a URL: names in ASCII form, IPv4 addresses as four
 * decimal numbers.
 */
function urlHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}
