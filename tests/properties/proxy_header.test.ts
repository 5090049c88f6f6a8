import assert from "node:assert/strict";
import {
  decodeProxyHeader,
  encodeProxyHeader,
  formatAddress,
  parseAddress,
  type ProxyHeader,
  ProxyHeaderError,
  type ProxyHeaderOptions,
} from "../../mod.ts";
import { ProxyHeaderReader } from "../../src/codec/proxy/proxy_header.ts";
import { ipBytes, ipText } from "../../src/util/ip_addresses.ts";
import {
  hostBytes,
  isOfNetwork,
  parseNetwork,
} from "../../src/util/networks.ts";
import { type CaseDraw, property } from "./property.ts";

const MAX = 65551;

const byte = (draw: CaseDraw) => draw.integer(0, 255);
const bytes = (draw: CaseDraw, max: number) =>
  Uint8Array.from(draw.list(max, byte));

function host(draw: CaseDraw, isIpv6: boolean): string {
  const part = () => draw.chance(0.4) ? 0 : byte(draw);
  return ipText(Array.from({ length: isIpv6 ? 16 : 4 }, part));
}

function addresses(
  draw: CaseDraw,
): Pick<ProxyHeaderOptions, "source" | "destination"> {
  const isIpv6 = draw.chance(0.5);
  const address = () => ({
    hostname: host(draw, isIpv6),
    port: draw.integer(0, 65535),
  });
  return { source: address(), destination: address() };
}

function unixAddresses(
  draw: CaseDraw,
): Pick<ProxyHeaderOptions, "source" | "destination"> {
  const address = () => `unix:/${"é/a".repeat(draw.integer(1, 25))}`;
  return { source: address(), destination: address() };
}

/** A header that can be written. */
function options(draw: CaseDraw): ProxyHeaderOptions {
  const version = draw.pick([1, 2] as const);
  const kind = draw.pick(["none", "tcp", version === 2 ? "unix" : "tcp"]);
  const ends = kind === "tcp"
    ? addresses(draw)
    : kind === "unix"
    ? unixAddresses(draw)
    : {};
  if (version === 1) return { version, ...ends };
  if (draw.chance(0.1)) return { version, command: "local" };
  return {
    version,
    ...ends,
    // Types with a name of their own must have the right form, too.
    tlvs: draw.list(5, (inner) => ({
      type: inner.pick([1, 2, 4, 5, 0x30, 0xe0, 0xff]),
      value: bytes(inner, 20),
    })),
    checksum: draw.chance(0.5),
  };
}

/** Where `length` bytes are split into reads. */
const cuts = (draw: CaseDraw, length: number) =>
  draw.list(6, (inner) => inner.integer(1, Math.max(1, length)));

/** The outcome of a header: its content and end, the name of its error, or undefined if it is incomplete. */
type Outcome = readonly [ProxyHeader, number] | string | undefined;

function attempt(decode: () => Outcome): Outcome {
  try {
    return decode();
  } catch (error) {
    assert.ok(error instanceof ProxyHeaderError, `${error}`);
    return error.name;
  }
}

function atOnce(stream: Uint8Array, maxBytes: number): Outcome {
  return attempt(() => {
    const decoded = decodeProxyHeader(stream, maxBytes);
    return decoded && [decoded.header, decoded.size];
  });
}

/** The same, in reads that end at `cuts`, each followed in its buffer by bytes that do not belong to it. */
function inReads(
  stream: Uint8Array,
  maxBytes: number,
  cuts: readonly number[],
): Outcome {
  const ends = [...cuts, stream.length].sort((a, b) => a - b);
  const reader = new ProxyHeaderReader(maxBytes);
  return attempt(() => {
    let at = 0;
    for (const end of ends) {
      if (end <= at || end > stream.length) continue;
      const length = end - at;
      const buffer = new Uint8Array(length + 300).fill(0x0a);
      buffer.set(stream.subarray(at, end));
      const used = reader.read(buffer, length);
      buffer.fill(0xff); // the buffer is reused
      if (used !== undefined) {
        assert.ok(used > 0 && used <= length);
        return [reader.header as ProxyHeader, at + used];
      }
      at = end;
    }
    return undefined;
  });
}

property(
  "a header that is written is read as it was, in whatever reads it comes, and what follows is left",
  {},
  (draw) => {
    const header = options(draw);
    const rest = bytes(draw, 20);
    return { header, rest, cuts: cuts(draw, 200) };
  },
  ({ header, rest, cuts }) => {
    const written = encodeProxyHeader(header);
    const stream = Uint8Array.of(...written, ...rest);
    const outcome = inReads(stream, MAX, cuts);
    assert.deepEqual(outcome, atOnce(stream, MAX));
    assert.ok(Array.isArray(outcome), `${outcome}`);
    const [read, size] = outcome as [ProxyHeader, number];
    assert.equal(size, written.length);
    assert.equal(read.version, header.version);
    assert.equal(read.command, header.command ?? "proxy");
    for (const end of ["source", "destination"] as const) {
      const given = header[end];
      const found = read[end];
      assert.equal(
        found && formatAddress(found),
        given && formatAddress(plain(formatAddress(parseAddress(given)))),
      );
    }
    assert.deepEqual(
      read.tlvs.filter(({ type }) => type !== 3),
      header.tlvs ?? [],
    );
    for (let count = 0; count < size; count++) {
      assert.equal(decodeProxyHeader(written.subarray(0, count)), undefined);
    }
  },
);

/** The address of `text` in the form that headers use. */
function plain(text: string) {
  const address = parseAddress(text);
  if (address.transport !== "tcp") return address;
  const found = hostBytes(address.hostname) as number[];
  // An IPv4-mapped address keeps its IPv6 form, unless both ends are IPv4.
  const isMapped = address.hostname.includes(":") && found.length === 4;
  const hostname = isMapped ? `::ffff:${ipText(found)}` : ipText(found);
  return { ...address, hostname };
}

property(
  "a header that is changed, cut short or made up fails by its own error or is read, and however it comes the same",
  { runs: 600 },
  (draw) => {
    const stream = draw.chance(0.8)
      ? encodeProxyHeader(options(draw))
      : bytes(draw, 60);
    const changed = stream.slice(0, stream.length - draw.size(stream.length));
    for (const at of draw.list(4, (inner) => inner.integer(0, 400))) {
      if (at < changed.length) changed[at] = byte(draw);
    }
    const rest = bytes(draw, 120);
    return {
      stream: Uint8Array.of(...changed, ...rest),
      maxBytes: draw.pick([MAX, 16, 40, 107, 200]),
      cuts: cuts(draw, 200),
    };
  },
  ({ stream, maxBytes, cuts }) => {
    const outcome = atOnce(stream, maxBytes);
    assert.deepEqual(inReads(stream, maxBytes, cuts), outcome);
    assert.deepEqual(
      inReads(stream, maxBytes, Array.from(stream, (_, i) => i + 1)),
      outcome,
    );
    if (Array.isArray(outcome)) assert.ok(outcome[1] <= maxBytes);
    // No header stays incomplete beyond the bytes it may have.
    if (outcome === undefined) assert.ok(stream.length < maxBytes);
  },
);

property(
  "IP addresses are read as they are written, and as a URL has them",
  {},
  (draw) => Array.from({ length: 16 }, () => draw.chance(0.5) ? 0 : byte(draw)),
  (address) => {
    for (const part of [address, address.slice(0, 4)]) {
      assert.deepEqual(ipBytes(ipText(part)), part);
    }
    const groups = Array.from(
      { length: 8 },
      (_, i) => (address[2 * i] << 8 | address[2 * i + 1]).toString(16),
    );
    assert.deepEqual(ipBytes(groups.join(":")), address);
    const { hostname } = new URL(`http://[${ipText(address)}]`);
    assert.deepEqual(ipBytes(hostname.slice(1, -1)), address);
  },
);

property(
  "a network has the addresses whose first bits are its own",
  {},
  (draw) => {
    const size = draw.pick([4, 16]);
    const network = Array.from({ length: size }, () => byte(draw));
    const prefix = draw.integer(0, 8 * size);
    const flipped = draw.integer(0, 8 * size - 1);
    return { network, prefix, flipped };
  },
  ({ network, prefix, flipped }) => {
    const parsed = parseNetwork(`${ipText(network)}/${prefix}`);
    assert.ok(parsed !== undefined);
    const other = network.slice();
    other[flipped >> 3] ^= 0x80 >> (flipped & 7);
    const has = (address: number[]) =>
      isOfNetwork(hostBytes(ipText(address)) as number[], parsed);
    assert.equal(has(network), true);
    assert.equal(has(other), flipped >= prefix);
    assert.equal(
      has(
        network.length === 4
          ? [...other, ...other, ...other, ...other]
          : other.slice(0, 4),
      ),
      false,
    );
  },
);
