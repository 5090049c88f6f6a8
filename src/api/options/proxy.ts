/**
 * The PROXY protocol options of listeners and connects.
 *
 * @module
 */

import type { ConnectAddress, UnknownAddress } from "../../contract/address.ts";
import type { ProxyTlv } from "../../contract/proxy.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { isObject, messageOf, read } from "../../util/text.ts";
import { type AddressLike, parseAddress } from "../address.ts";
import { InvalidOptionError } from "../errors.ts";
import {
  checkOption,
  choice,
  custom,
  type Filled,
  flag,
  integer,
  OptionTable,
} from "./rules.ts";

/**
 * Options of a listener behind a proxy. Every connection has to begin with a PROXY
 * header, of version 1 or 2, which says where its client is.
 *
 * @category Reactors
 */
export interface ProxyProtocolOptions {
  /**
   * Whose headers are believed; connections from elsewhere are dropped. Networks
   * such as `"10.0.0.0/8"` or `"fd00::/8"`, addresses such as `"192.0.2.1"` or
   * `"::1"`, and `"unix"` for connections over a Unix socket. At least one.
   */
  readonly trusted: readonly string[];
  /** How many milliseconds a connection has to complete its header, from when it came in. 1 to 2^31 - 1, default 3000. */
  readonly timeoutMs?: number | undefined;
  /** The largest header, in bytes. 16 to 65551, default 4096. */
  readonly maxBytes?: number | undefined;
}

/** {@linkcode ProxyProtocolOptions} with all defaults filled in. */
export type ProxyProtocolSettings = Filled<ProxyProtocolOptions>;

/**
 * The content of a PROXY header to send.
 *
 * @category Reactors
 */
export interface ProxyHeaderOptions {
  /**
   * 1: a line of text, for TCP addresses only. 2: binary, with all other
   * fields.
   */
  readonly version: 1 | 2;
  /**
   * `"local"` for a connection that the proxy opens for itself, such as a
   * health check. It needs version 2, and the header then contains nothing
   * else. Default `"proxy"`.
   */
  readonly command?: "proxy" | "local" | undefined;
  /**
   * The address of the client. Give it together with `destination`, or neither.
   * It is a literal TCP address, whose zone is left out, or a Unix socket,
   * which version 1 cannot express. An IPv4 address is written as an IPv6 one
   * if the other address is IPv6. If it is left out or unknown, the header has
   * no addresses.
   */
  readonly source?: AddressLike | undefined;
  /** The address that the client connected to. */
  readonly destination?: AddressLike | undefined;
  /** Further fields; needs version 2. Default: none. */
  readonly tlvs?: readonly ProxyTlv[] | undefined;
  /** Add a checksum; needs version 2. Default false. */
  readonly checksum?: boolean | undefined;
}

/** {@linkcode ProxyHeaderOptions} with all defaults filled in. */
export interface ProxyHeaderSettings
  extends Omit<Filled<ProxyHeaderOptions>, "source" | "destination"> {
  readonly source: ConnectAddress | UnknownAddress | undefined;
  readonly destination: ConnectAddress | UnknownAddress | undefined;
}

/** In `trusted`, stands for all connections over a Unix socket. */
export const UNIX = "unix";

const MAX_TLV = 0xffff;

/** The type of the checksum field, which the library writes itself. */
const CHECKSUM = 3;

/** What `trusted` must be. The networks themselves are parsed later. */
export const ORIGINS =
  'an array of networks ("10.0.0.0/8"), addresses ("::1") and "unix", at least one';

/** The rules and defaults of {@linkcode ProxyProtocolOptions}. */
export const PROXY_PROTOCOL_OPTIONS: OptionTable<ProxyProtocolOptions> =
  new OptionTable<ProxyProtocolOptions>({
    trusted: custom<readonly string[]>(ORIGINS, areTexts),
    timeoutMs: integer(1, MAX_INT32, 3000),
    maxBytes: integer(16, 65551, 4096),
  });

/** The rules and defaults of {@linkcode ProxyHeaderOptions}. */
export const PROXY_HEADER_OPTIONS: OptionTable<ProxyHeaderOptions> =
  new OptionTable<ProxyHeaderOptions>({
    version: choice<1 | 2>([1, 2]),
    command: choice<"proxy" | "local">(["proxy", "local"], "proxy"),
    source: custom<AddressLike>("an address", isAddressLike),
    destination: custom<AddressLike>("an address", isAddressLike),
    tlvs: custom<readonly ProxyTlv[]>(
      "an array of { type, value }, with a type of 0 to 255 other than 3, and a value of at most 65535 bytes",
      areTlvs,
      [],
    ),
    checksum: flag(false),
  });

/**
 * Fills in defaults and copies the content of `options`. Throws
 * {@linkcode InvalidOptionError}, except for an invalid network.
 */
export function proxyProtocolSettings(
  options: ProxyProtocolOptions,
): ProxyProtocolSettings {
  const settings = PROXY_PROTOCOL_OPTIONS.fill(options);
  checkOption(
    "trusted",
    settings.trusted,
    PROXY_PROTOCOL_OPTIONS.rules.trusted,
  );
  const trusted = copyList("trusted", settings.trusted, (origin) => origin);
  checkOption("trusted", trusted, PROXY_PROTOCOL_OPTIONS.rules.trusted);
  return { ...settings, trusted };
}

/**
 * Fills in defaults and copies the content of `options`. Throws
 * {@linkcode InvalidOptionError}, or `InvalidAddressError`.
 */
export function proxyHeaderSettings(
  options: ProxyHeaderOptions,
): ProxyHeaderSettings {
  const settings = PROXY_HEADER_OPTIONS.fill(options);
  checkOption("version", settings.version, PROXY_HEADER_OPTIONS.rules.version);
  const tlvs = copyList("tlvs", settings.tlvs, ({ type, value }) => ({
    type,
    value: new Uint8Array(value),
  }));
  checkOption("tlvs", tlvs, PROXY_HEADER_OPTIONS.rules.tlvs);
  const { source, destination } = settings;
  return {
    ...settings,
    source: parseEnd(source),
    destination: parseEnd(destination),
    tlvs,
  };
}

/**
 * Copies `list`, the value of the option `name`, element by element; empty if
 * it is undefined.
 */
function copyList<T>(
  name: string,
  list: readonly T[] | undefined,
  copy: (element: T) => T,
): readonly T[] {
  try {
    return Array.from(list ?? [], copy);
  } catch (cause) {
    throw new InvalidOptionError(
      `Cannot read the option ${name}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 &&
    value.every((text) => typeof text === "string");
}

/** Parses `address`, if given. An inherited socket counts as unknown. */
function parseEnd(
  address: AddressLike | undefined,
): ConnectAddress | UnknownAddress | undefined {
  if (address === undefined) return undefined;
  const isKnown = read(address, "transport") !== "unknown";
  const parsed = isKnown ? parseAddress(address) : undefined;
  return parsed === undefined || parsed.transport === "fd"
    ? { transport: "unknown" }
    : parsed;
}

function isAddressLike(value: unknown): boolean {
  return typeof value === "string" || isObject(value);
}

function areTlvs(value: unknown): boolean {
  return Array.isArray(value) && value.every((tlv) => {
    const type = read(tlv, "type");
    const bytes = read(tlv, "value");
    return Number.isInteger(type) && type !== CHECKSUM &&
      (type as number) >= 0 && (type as number) <= 0xff &&
      bytes instanceof Uint8Array && bytes.length <= MAX_TLV;
  });
}
