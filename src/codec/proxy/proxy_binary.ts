import type { SocketAddress } from "../../contract/address.ts";
import type { ProxyHeader } from "../../contract/proxy.ts";
import { ProxyHeaderError } from "../../api/errors.ts";
import { ipText } from "../../util/ip_addresses.ts";
import { get16 } from "../../util/read_numbers.ts";
import {
  ADDRESS_SIZE,
  AT,
  DATAGRAM,
  Family,
  LOCAL,
  PORTS_SIZE,
  PROXY,
  STREAM,
} from "./proxy_format.ts";
import { checkChecksum, knownFields, parseTlvs } from "./proxy_tlvs.ts";
import { countOf } from "../../util/text.ts";

const NOTHING = {
  version: 2,
  source: undefined,
  destination: undefined,
} as const;

/** Parses a header of version 2, whose signature, version and length have been checked. The result holds views of `bytes`. Throws {@linkcode ProxyHeaderError}. */
export function parseBinaryHeader(bytes: Uint8Array): ProxyHeader {
  const command = bytes[AT.command] & 0xf;
  // The rest of a LOCAL header is ignored, valid or not.
  if (command === LOCAL) return { ...NOTHING, command: "local", tlvs: [] };
  if (command !== PROXY) {
    throw new ProxyHeaderError(`Its command, ${command}, is unknown`);
  }
  const family = bytes[AT.family] >> 4;
  const protocol = bytes[AT.family] & 0xf;
  if (family > Family.Unix || protocol > DATAGRAM) {
    throw new ProxyHeaderError(
      `Its address type, 0x${bytes[AT.family].toString(16)}, is unknown`,
    );
  }
  const tlvsAt = AT.body + 2 * ADDRESS_SIZE[family] + PORTS_SIZE[family];
  if (tlvsAt > bytes.length) {
    throw new ProxyHeaderError(
      `It has ${countOf(bytes.length, "byte")}, too few for its addresses`,
    );
  }
  const tlvs = parseTlvs(bytes.subarray(tlvsAt));
  checkChecksum(bytes, tlvs);
  return {
    ...NOTHING,
    command: "proxy",
    ...(protocol === STREAM && family !== Family.Unspecified &&
      endsIn(bytes, family)),
    ...knownFields(tlvs),
    tlvs,
  };
}

function endsIn(
  bytes: Uint8Array,
  family: number,
): Pick<ProxyHeader, "source" | "destination"> {
  const size = ADDRESS_SIZE[family];
  const [source, destination] = [0, 1].map((i): SocketAddress => {
    const start = AT.body + i * size;
    const address = bytes.subarray(start, start + size);
    if (family === Family.Unix) return unixAddress(address);
    const port = get16(bytes, AT.body + 2 * size + 2 * i);
    return { transport: "tcp", hostname: ipText(address), port };
  });
  return { source, destination };
}

/** A path, up to the first zero byte; abstract names of Linux begin with one. */
function unixAddress(bytes: Uint8Array): SocketAddress {
  const isAbstract = bytes[0] === 0;
  const name = isAbstract ? bytes.subarray(1) : bytes;
  const end = name.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? name : name.subarray(0, end));
  if (text === "") return { transport: "unknown" };
  return { transport: "unix", path: isAbstract ? `@${text}` : text };
}
