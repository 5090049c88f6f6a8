import type { ProxyHeader } from "../../contract/proxy.ts";
import type { TcpAddress } from "../../contract/address.ts";
import { ProxyHeaderError } from "../../api/errors.ts";
import { ipBytes, ipText } from "../../util/ip_addresses.ts";
import { asciiOf } from "../../util/utf8.ts";

const UNKNOWN = /^PROXY UNKNOWN[ \r]/;
const LINE =
  /^PROXY TCP([46]) ([\da-fA-F:.]+) ([\da-fA-F:.]+) (\d{1,5}) (\d{1,5})\r\n$/;
const PORT = /^(?:0|[1-9]\d*)$/;

/**
 * The length of the longest prefix that `UNKNOWN` matches. The rest of such a
 * line is ignored.
 */
const UNKNOWN_SIZE = 14;

/** Parses a header of version 1: a line that ends with CR LF. Throws {@linkcode ProxyHeaderError}. */
export function parseTextHeader(bytes: Uint8Array): ProxyHeader {
  const head = asciiOf(bytes, 0, Math.min(bytes.length, UNKNOWN_SIZE));
  if (head !== undefined && UNKNOWN.test(head)) {
    return textHeader(undefined, undefined);
  }
  const line = asciiOf(bytes, 0, bytes.length) ?? "";
  const [, family, source, destination, sourcePort, destinationPort] =
    LINE.exec(line) ?? [];
  if (family === undefined) {
    throw invalid("Its line does not conform to version 1");
  }
  return textHeader(
    addressOf(family, source, sourcePort),
    addressOf(family, destination, destinationPort),
  );
}

function textHeader(
  source: TcpAddress | undefined,
  destination: TcpAddress | undefined,
): ProxyHeader {
  return { version: 1, command: "proxy", source, destination, tlvs: [] };
}

function addressOf(family: string, host: string, port: string): TcpAddress {
  const bytes = ipBytes(host);
  if (bytes?.length !== (family === "4" ? 4 : 16)) {
    throw invalid(`${host} is not an IPv${family} address`);
  }
  const number = Number(port);
  if (!PORT.test(port) || number > 0xffff) {
    throw invalid(`${port} is not a port`);
  }
  return { transport: "tcp", hostname: ipText(bytes), port: number };
}

function invalid(message: string): ProxyHeaderError {
  return new ProxyHeaderError(message);
}
