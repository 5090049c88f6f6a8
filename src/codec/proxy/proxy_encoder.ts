/**
 * Encoding PROXY headers.
 *
 * @module
 */

import type { ConnectAddress, UnknownAddress } from "../../contract/address.ts";
import { describeAddress } from "../../api/address.ts";
import { InvalidAddressError, InvalidOptionError } from "../../api/errors.ts";
import type { ProxyHeaderSettings } from "../../api/options/proxy.ts";
import { crc32c } from "../../util/crc32c.ts";
import { ipText, IPV6_SIZE, MAPPED_PREFIX } from "../../util/ip_addresses.ts";
import { hostBytes } from "../../util/networks.ts";
import { put16, put32 } from "../../util/write_numbers.ts";
import { encoder } from "../../util/utf8.ts";
import {
  ADDRESS_SIZE,
  AT,
  CHECKSUM_SIZE,
  Family,
  LOCAL,
  PROXY,
  SIGNATURE,
  STREAM,
  TLV_HEAD,
  VERSION,
} from "./proxy_format.ts";
import { PROXY_TLV } from "./proxy_tlv_types.ts";

/** The most that the length field can hold. */
const MAX_BODY = 0xffff;

/** The two addresses of a header, encoded. */
interface Ends {
  readonly family: number;
  readonly addresses: readonly (readonly number[] | Uint8Array)[];
  readonly ports: readonly number[];
}

/** Encodes `settings`. Throws {@linkcode InvalidOptionError} or {@linkcode InvalidAddressError}. */
export function encodeHeader(
  { version, command, source, destination, tlvs, checksum }:
    ProxyHeaderSettings,
): Uint8Array {
  if ((source === undefined) !== (destination === undefined)) {
    throw new InvalidOptionError(
      "Cannot write a PROXY header: it needs both a source and a destination, or neither",
    );
  }
  const ends = source && destination &&
    endsOf(known(source), known(destination));
  const isMore = tlvs.length > 0 || checksum;
  if (command === "local" && (ends !== undefined || isMore)) {
    throw new InvalidOptionError(
      "Cannot write a PROXY header: the header of a local connection contains nothing else",
    );
  }
  if (version === 2) return binaryOf(command, ends, tlvs, checksum);
  if (command === "local" || isMore) {
    throw new InvalidOptionError(
      "Cannot write a PROXY header of version 1: it can have only TCP addresses",
    );
  }
  return encoder.encode(
    lineOf(ends?.family === Family.Unix ? undefined : ends),
  );
}

function known(
  address: ConnectAddress | UnknownAddress,
): ConnectAddress | undefined {
  return address.transport === "unknown" ? undefined : address;
}

/** The ends of a header; undefined if they are unknown. One end of a Unix socket usually has no address. */
function endsOf(
  source: ConnectAddress | undefined,
  destination: ConnectAddress | undefined,
): Ends | undefined {
  const paths = [source, destination].map((end) =>
    end === undefined || end.transport === "unix" ? end?.path ?? "" : undefined
  );
  const isUnix = paths.every((path) => path !== undefined);
  if (isUnix && paths.some((path) => path !== "")) {
    return {
      family: Family.Unix,
      addresses: paths.map((path) => pathBytes(path as string)),
      ports: [],
    };
  }
  if (source === undefined || destination === undefined) return undefined;
  if (source.transport === "unix" || destination.transport === "unix") {
    throw new InvalidAddressError(
      `Cannot write a PROXY header from ${describeAddress(source)} to ${
        describeAddress(destination)
      }: one is a TCP address, the other is not`,
    );
  }
  const hosts = [literal(source.hostname), literal(destination.hostname)];
  const isIpv4 = hosts.every(({ length }) => length < IPV6_SIZE);
  return {
    family: isIpv4 ? Family.Ipv4 : Family.Ipv6,
    addresses: isIpv4 ? hosts : hosts.map(inIpv6),
    ports: [source.port, destination.port],
  };
}

function literal(hostname: string): number[] {
  const bytes = hostBytes(hostname);
  if (bytes !== undefined) return bytes;
  throw new InvalidAddressError(
    `Cannot write a PROXY header with ${hostname}: only literal addresses are possible`,
  );
}

function inIpv6(bytes: number[]): number[] {
  return bytes.length < IPV6_SIZE ? [...MAPPED_PREFIX, ...bytes] : bytes;
}

function pathBytes(path: string): Uint8Array {
  const bytes = encoder.encode(path.replace(/^@/, "\0"));
  const max = ADDRESS_SIZE[Family.Unix];
  if (bytes.length <= max) return bytes;
  throw new InvalidAddressError(
    `Cannot write a PROXY header with a path of ${bytes.length} bytes: ${max} at most`,
  );
}

function lineOf(ends: Ends | undefined): string {
  if (ends === undefined) return "PROXY UNKNOWN\r\n";
  const family = ends.family === Family.Ipv4 ? "TCP4" : "TCP6";
  const hosts = ends.addresses.map(ipText);
  return `PROXY ${[family, ...hosts, ...ends.ports].join(" ")}\r\n`;
}

function binaryOf(
  command: "proxy" | "local",
  ends: Ends | undefined,
  tlvs: readonly { readonly type: number; readonly value: Uint8Array }[],
  checksum: boolean,
): Uint8Array {
  const family = ends?.family ?? Family.Unspecified;
  const width = ADDRESS_SIZE[family];
  const tlvsAt = AT.body + 2 * width + 2 * (ends?.ports.length ?? 0);
  const all = checksum
    ? [...tlvs, {
      type: PROXY_TLV.checksum,
      value: new Uint8Array(CHECKSUM_SIZE),
    }]
    : tlvs;
  const size = all.reduce(
    (sum, { value }) => sum + TLV_HEAD + value.length,
    tlvsAt,
  );
  if (size - AT.body > MAX_BODY) {
    throw new InvalidOptionError(
      `Cannot write a PROXY header of ${size} bytes: it has ${
        AT.body + MAX_BODY
      } at most`,
    );
  }
  const bytes = new Uint8Array(size);
  bytes.set(SIGNATURE);
  bytes[AT.command] = VERSION << 4 | (command === "local" ? LOCAL : PROXY);
  bytes[AT.family] = family << 4 | (ends === undefined ? 0 : STREAM);
  put16(bytes, AT.length, size - AT.body);
  ends?.addresses.forEach((address, i) =>
    bytes.set(address, AT.body + i * width)
  );
  ends?.ports.forEach((port, i) =>
    put16(bytes, AT.body + 2 * width + 2 * i, port)
  );
  let at = tlvsAt;
  for (const { type, value } of all) {
    bytes[at] = type;
    put16(bytes, at + 1, value.length);
    bytes.set(value, at + TLV_HEAD);
    at += TLV_HEAD + value.length;
  }
  if (checksum) put32(bytes, size - CHECKSUM_SIZE, crc32c(bytes));
  return bytes;
}
