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

/** {@linkcode ProxyProtocolOptions} with nothing left out. */
export type ProxyProtocolSettings = Filled<ProxyProtocolOptions>;

/**
 * The content of a PROXY header to send.
 *
 * @category Reactors
 */
export interface ProxyHeaderOptions {
  /** 1: a line of text, for TCP addresses only. 2: binary, with everything else. */
  readonly version: 1 | 2;
  /** `"local"` for a connection of the proxy's own, such as a health check. It needs version 2, and the header says nothing else. Default `"proxy"`. */
  readonly command?: "proxy" | "local" | undefined;
  /**
   * Where the client is. Give it together with `destination`, or neither. It is a
   * literal TCP address, whose zone is left out, or a Unix socket, which version 1
   * cannot express. An IPv4 address is written as an IPv6 one if the other address
   * is IPv6. Left out or unknown, the header does not say.
   */
  readonly source?: AddressLike | undefined;
  /** Where the client connected to. */
  readonly destination?: AddressLike | undefined;
  /** Further fields; needs version 2. Default: none. */
  readonly tlvs?: readonly ProxyTlv[] | undefined;
  /** Add a checksum; needs version 2. Default false. */
  readonly checksum?: boolean | undefined;
}

/** {@linkcode ProxyHeaderOptions} with nothing left out. */
export interface ProxyHeaderSettings
  extends Omit<Filled<ProxyHeaderOptions>, "source" | "destination"> {
  readonly source: ConnectAddress | UnknownAddress | undefined;
  readonly destination: ConnectAddress | UnknownAddress | undefined;
}

/** Stands for whoever comes by a Unix socket. */
export const UNIX = "unix";

const MAX_TLV = 0xffff;

/** The field that is written if there is to be a checksum. */
const CHECKSUM = 3;

/** What `trusted` must be. Whether its texts are networks is found where these are read. */
export const ORIGINS =
  'an array of networks ("10.0.0.0/8"), addresses ("::1") and "unix", one at least';

/** The options of a listener behind a proxy. */
export const PROXY_PROTOCOL_OPTIONS: OptionTable<ProxyProtocolOptions> =
  new OptionTable<ProxyProtocolOptions>({
    trusted: custom<readonly string[]>(ORIGINS, areTexts),
    timeoutMs: integer(1, MAX_INT32, 3000),
    maxBytes: integer(16, 65551, 4096),
  });

/** What a PROXY header to send may say. */
export const PROXY_HEADER_OPTIONS: OptionTable<ProxyHeaderOptions> =
  new OptionTable<ProxyHeaderOptions>({
    version: choice<1 | 2>([1, 2]),
    command: choice<"proxy" | "local">(["proxy", "local"], "proxy"),
    source: custom<AddressLike>("an address", isAddressLike),
    destination: custom<AddressLike>("an address", isAddressLike),
    tlvs: custom<readonly ProxyTlv[]>(
      "an array of { type, value }: a type of 0 to 255 but for 3, and 65535 bytes at most",
      areTlvs,
      [],
    ),
    checksum: flag(false),
  });

/** Fills `options` up; what they hold is copied. Throws {@linkcode InvalidOptionError}, except for a bad network. */
export function proxyProtocolSettings(
  options: ProxyProtocolOptions,
): ProxyProtocolSettings {
  const settings = PROXY_PROTOCOL_OPTIONS.fill(options);
  const trusted = copyOf("trusted", settings.trusted, (origin) => origin);
  checkOption("trusted", trusted, PROXY_PROTOCOL_OPTIONS.rules.trusted);
  return { ...settings, trusted };
}

/** The same for what a header is to say. Throws `InvalidAddressError`, too. */
export function proxyHeaderSettings(
  options: ProxyHeaderOptions,
): ProxyHeaderSettings {
  const settings = PROXY_HEADER_OPTIONS.fill(options);
  checkOption("version", settings.version, PROXY_HEADER_OPTIONS.rules.version);
  const tlvs = copyOf("tlvs", settings.tlvs, ({ type, value }) => ({
    type,
    value: new Uint8Array(value),
  }));
  checkOption("tlvs", tlvs, PROXY_HEADER_OPTIONS.rules.tlvs);
  const { source, destination } = settings;
  return {
    ...settings,
    source: endOf(source),
    destination: endOf(destination),
    tlvs,
  };
}

/** The elements of `list`, which the option `name` has, each as `copy` has it; undefined if there is no list. */
function copyOf<T>(
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

/** `address`, if there is one. Nobody knows where a Unix socket is that was handed over. */
function endOf(
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
