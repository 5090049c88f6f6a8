import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodeProxyHeader,
  encodeProxyHeader,
  InvalidAddressError,
  InvalidOptionError,
  PROXY_TLV,
  type ProxyHeader,
  ProxyHeaderError,
  ProxyHeaderMissingError,
  type ProxyHeaderOptions,
  type SocketAddress,
} from "../../mod.ts";
import { crc32c } from "../../src/util/crc32c.ts";
import { tcp } from "../support/tcp.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

/** The bytes of `text`, one for each character. */
const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

function hex(...parts: string[]): Uint8Array {
  const digits = parts.join("").replaceAll(" ", "").match(/../g) ?? [];
  return Uint8Array.from(digits, (pair) => parseInt(pair, 16));
}

function headerOf(bytes: Uint8Array, maxBytes?: number): ProxyHeader {
  const decoded = decodeProxyHeader(bytes, maxBytes);
  assert.equal(decoded?.size, bytes.length);
  return decoded!.header;
}

/** The header of version 2 with this command, family, and body. */
function binary(command: string, family: string, body: string): Uint8Array {
  const size = body.replaceAll(" ", "").length / 2;
  return hex(
    SIGNATURE,
    command,
    family,
    size.toString(16).padStart(4, "0"),
    body,
  );
}

describe("a PROXY header of version 1", () => {
  it("has the addresses of a connection over IPv4", () => {
    const header = headerOf(
      ascii("PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n"),
    );
    assert.deepEqual(header, {
      version: 1,
      command: "proxy",
      source: tcp("255.255.255.255", 65535),
      destination: tcp("0.0.0.0", 0),
      tlvs: [],
    });
  });

  it("has the addresses of a connection over IPv6, in whatever form", () => {
    const longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    const { source, destination } = headerOf(
      ascii(`PROXY TCP6 ${longest} 2001:DB8:0:0::1 65535 443\r\n`),
    );
    assert.deepEqual(source, tcp(longest, 65535));
    assert.deepEqual(destination, tcp("2001:db8::1", 443));
    const mapped = headerOf(ascii("PROXY TCP6 ::ffff:192.0.2.1 :: 1 2\r\n"));
    assert.deepEqual(mapped.source, tcp("::ffff:192.0.2.1", 1));
    assert.deepEqual(mapped.destination, tcp("::", 2));
  });

  it("may not know the addresses, whatever else it says", () => {
    for (
      const rest of ["", " ", " ffff::1 ffff::2 65535 65535", " \xff\r \0 x"]
    ) {
      const header = headerOf(ascii(`PROXY UNKNOWN${rest}\r\n`));
      assert.equal(header.source, undefined);
      assert.equal(header.destination, undefined);
      assert.equal(header.command, "proxy");
    }
  });

  it("has 107 bytes at most, with its end", () => {
    const line = (length: number) =>
      ascii(`PROXY UNKNOWN ${"x".repeat(length - 16)}\r\n`);
    assert.equal(headerOf(line(107)).version, 1);
    assert.throws(() => decodeProxyHeader(line(108)), {
      name: "ProxyHeaderError",
      message: "Its line has no end within 107 bytes",
    });
    assert.equal(decodeProxyHeader(line(108).subarray(0, 106)), undefined);
    assert.throws(
      () => decodeProxyHeader(line(40), 39),
      /no end within 39 bytes/,
    );
  });

  const wrong = [
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
    "PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n",
    "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.256 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4.5 5.6.7.8 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 0x2\r\n",
    "PROXY TCP4 ::1 ::2 1 2\r\n",
    "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",
    "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n",
    "PROXY TCP6 1::2::3 ::1 1 2\r\n",
    "PROXY TCP6 1:2:3:4:5:6:7::8 ::1 1 2\r\n",
    "PROXY TCP6 12345:: ::1 1 2\r\n",
    "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
    "PROXY TCP6 :::1 ::1 1 2\r\n",
    "PROXY TCP6 : ::1 1 2\r\n",
    "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n",
    "PROXY UNKNOWNS\r\n",
    "PROXY \r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.\xb38 1 2\r\n",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r\n",
  ];
  for (const line of wrong) {
    it(`is not ${JSON.stringify(line)}`, () => {
      assert.throws(() => decodeProxyHeader(ascii(line)), (error) => {
        assert.ok(error instanceof ProxyHeaderError);
        return !(error instanceof ProxyHeaderMissingError);
      });
    });
  }
});

describe("a PROXY header of version 2", () => {
  const ipv4 = "c0000207 c6336409 dc04 01bb";

  it("has the addresses of IPv4, IPv6 and Unix sockets", () => {
    const { source, destination, version, command } = headerOf(
      binary("21", "11", ipv4),
    );
    assert.deepEqual(source, tcp("192.0.2.7", 56324));
    assert.deepEqual(destination, tcp("198.51.100.9", 443));
    assert.deepEqual([version, command], [2, "proxy"]);

    const ipv6 = headerOf(binary(
      "21",
      "21",
      "20010db8000000000000000000000001 00000000000000000000ffff01020304 0001 ffff",
    ));
    assert.deepEqual(ipv6.source, tcp("2001:db8::1", 1));
    assert.deepEqual(ipv6.destination, tcp("::ffff:1.2.3.4", 65535));

    const path = (text: string) =>
      Array.from(ascii(text), (byte) => byte.toString(16).padStart(2, "0"))
        .join("").padEnd(216, "0");
    const unix = headerOf(binary("21", "31", path("/a/b") + path("\0name")));
    assert.deepEqual(unix.source, { transport: "unix", path: "/a/b" });
    assert.deepEqual(unix.destination, { transport: "unix", path: "@name" });
    const whole = headerOf(
      binary("21", "31", path("/".repeat(108)) + path("")),
    );
    assert.deepEqual(whole.source, {
      transport: "unix",
      path: "/".repeat(108),
    });
    assert.deepEqual(whole.destination, { transport: "unknown" });
  });

  it("that is local says nothing, whatever it has", () => {
    for (const [family, body] of [["00", ""], ["11", ipv4], ["ff", "010005"]]) {
      const header = headerOf(binary("20", family, body));
      assert.equal(header.command, "local");
      assert.equal(header.source, undefined);
      assert.deepEqual(header.tlvs, []);
    }
  });

  it("tells the fields of anything but a stream, and no addresses", () => {
    const bodies = [["00", ""], ["01", ""], ["10", ipv4], ["12", ipv4]];
    for (const [family, body] of bodies) {
      const header = headerOf(binary("21", family, `${body} e00001 2a`));
      assert.equal(header.source, undefined);
      assert.equal(header.destination, undefined);
      assert.deepEqual(header.tlvs, [{ type: 0xe0, value: hex("2a") }]);
    }
  });

  it("keeps fields that are not known, in order, and gives names to those that are", () => {
    const header = headerOf(binary(
      "21",
      "11",
      `${ipv4} 01 0002 6832 ea 0001 07 02 0003 612e62 04 0000 05 0002 0102
       30 0002 6e73 ea 0000`.replaceAll("\n", ""),
    ));
    assert.equal(header.alpn, "h2");
    assert.equal(header.authority, "a.b");
    assert.deepEqual(header.uniqueId, hex("0102"));
    assert.equal(header.netns, "ns");
    assert.equal(header.tls, undefined);
    assert.deepEqual(
      header.tlvs.map(({ type, value }) => [type, ...value]),
      [
        [1, 0x68, 0x32],
        [0xea, 7],
        [2, 0x61, 0x2e, 0x62],
        [4],
        [5, 1, 2],
        [0x30, 0x6e, 0x73],
        [0xea],
      ],
    );
  });

  it("tells of the TLS of the client, which is verified only if it has sent a certificate", () => {
    const field = (bits: string, verify: string) =>
      binary(
        "21",
        "11",
        `${ipv4} 20 0013 ${bits} ${verify} 21 0003 312e33 22 0002 6d65 99 0000`,
      );
    const { tls } = headerOf(field("07", "00000000"));
    assert.deepEqual(tls && { ...tls, tlvs: tls.tlvs.length }, {
      usesTls: true,
      isVerified: true,
      sentCertificate: true,
      sentCertificateInSession: true,
      version: "1.3",
      commonName: "me",
      cipher: "",
      signatureAlgorithm: "",
      keyAlgorithm: "",
      tlvs: 3,
    });
    assert.equal(headerOf(field("01", "00000000")).tls?.isVerified, false);
    assert.equal(headerOf(field("03", "00000001")).tls?.isVerified, false);
    assert.equal(headerOf(field("05", "00000000")).tls?.isVerified, true);
    assert.equal(headerOf(field("00", "00000000")).tls?.usesTls, false);
  });

  const wrong: [what: string, bytes: Uint8Array, message: RegExp][] = [
    ["version 1", binary("11", "11", ipv4), /version is 1, not 2/],
    ["version 3", binary("31", "11", ipv4), /version is 3/],
    ["command 2", binary("22", "11", ipv4), /Its command, 2,/],
    ["family 4", binary("21", "41", ipv4), /Its address type, 0x41,/],
    ["protocol 3", binary("21", "13", ipv4), /Its address type, 0x13,/],
    ["addresses cut short", binary("21", "11", ipv4.slice(2)), /too few/],
    ["IPv6 cut short", binary("21", "21", ipv4), /too few/],
    ["half a field", binary("21", "11", `${ipv4} 01 00`), /of type 1 goes/],
    ["a field too long", binary("21", "11", `${ipv4} 7f 0002 00`), /type 127/],
    [
      "a short TLS field",
      binary("21", "11", `${ipv4} 20 0001 01`),
      /TLS field/,
    ],
    [
      "a field too long in the TLS field",
      binary("21", "11", `${ipv4} 20 0009 01 00000000 21 0002 00`),
      /type 33 goes/,
    ],
    ["a short checksum", binary("21", "11", `${ipv4} 03 0001 01`), /1 byte,/],
    [
      "a long unique id",
      binary("21", "11", `${ipv4} 05 0081 ${"00".repeat(129)}`),
      /129 bytes, more than 128/,
    ],
  ];
  for (const [what, bytes, message] of wrong) {
    it(`is refused for ${what}`, () => {
      assert.throws(() => decodeProxyHeader(bytes), (error) => {
        assert.ok(error instanceof ProxyHeaderError);
        assert.ok(!(error instanceof ProxyHeaderMissingError));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("is refused as soon as its length is known to be too large", () => {
    const bytes = binary("21", "11", ipv4);
    assert.equal(headerOf(bytes, 28).version, 2);
    assert.throws(
      () => decodeProxyHeader(bytes.subarray(0, 16), 27),
      /It has 28 bytes, more than 27/,
    );
  });

  it("has a checksum that is checked: every bit that is flipped is found", () => {
    assert.equal(crc32c(ascii("123456789")), 0xe3069283);
    const bytes = encodeProxyHeader({
      version: 2,
      source: "192.0.2.7:1",
      destination: "192.0.2.8:2",
      tlvs: [{ type: 0xe1, value: hex("0102") }],
      checksum: true,
    });
    assert.equal(headerOf(bytes).source?.transport, "tcp");
    for (let bit = 8 * 16; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      // A field whose type says that it is no checksum is none.
      const isType = bit >> 3 === bytes.length - 7;
      if (isType) continue;
      assert.throws(() => decodeProxyHeader(flipped), ProxyHeaderError);
    }
  });
});

describe("anything but a PROXY header", () => {
  for (
    const text of [
      "G",
      "PROXX",
      "PROXY\r\n",
      "proxy TCP4",
      "\r\n\r\n\0\r\nQUIX",
    ]
  ) {
    it(`is told by its first byte that is wrong: ${JSON.stringify(text)}`, () => {
      const bytes = ascii(text);
      assert.throws(() => decodeProxyHeader(bytes), ProxyHeaderMissingError);
    });
  }

  it("is looked for within a range of bytes only", () => {
    for (const maxBytes of [15, 65_552, NaN, 40.5, "40", {}, null]) {
      assert.throws(
        () => decodeProxyHeader(ascii("PROXY "), maxBytes as number),
        InvalidOptionError,
      );
    }
  });

  it("is shown, as far as a line of a log needs it", () => {
    assert.throws(() => decodeProxyHeader(ascii("GET / HTTP/1.1\r\n")), {
      message:
        "The first bytes are not a PROXY header: 47 45 54 20 2f 20 48 54",
    });
  });
});

describe("encodeProxyHeader", () => {
  const text = (options: ProxyHeaderOptions) =>
    new TextDecoder().decode(encodeProxyHeader(options));

  it("writes lines in their one form", () => {
    assert.equal(
      text({ version: 1, source: "192.0.2.7:1", destination: "192.0.2.8:2" }),
      "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n",
    );
    assert.equal(
      text({
        version: 1,
        source: "[2001:DB8:0:0:0:0:0:1%eth0]:1",
        destination: "192.0.2.8:2",
      }),
      "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.8 1 2\r\n",
    );
    assert.equal(
      text({
        version: 1,
        source: tcp("::ffff:192.0.2.7", 1),
        destination: tcp("::ffff:c000:208", 2),
      }),
      "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n",
    );
    assert.equal(text({ version: 1 }), "PROXY UNKNOWN\r\n");
  });

  it("does not tell what is unknown, and in version 1 nothing of Unix sockets", () => {
    const unknown = { transport: "unknown" } as const;
    const path = { transport: "unix", path: "/a" } as const;
    const ends: [SocketAddress, SocketAddress][] = [
      [unknown, unknown],
      [unknown, path],
      [path, path],
      [unknown, tcp("192.0.2.1", 1)],
    ];
    for (const [source, destination] of ends) {
      assert.equal(
        text({ version: 1, source, destination }),
        "PROXY UNKNOWN\r\n",
      );
      const header = headerOf(
        encodeProxyHeader({ version: 2, source, destination }),
      );
      const isUnix = destination === path;
      assert.deepEqual(header.source, isUnix ? source : undefined);
      assert.deepEqual(header.destination, isUnix ? path : undefined);
    }
  });

  it("writes what is local, and what is not known, in version 2", () => {
    assert.deepEqual(
      encodeProxyHeader({ version: 2, command: "local" }),
      binary("20", "00", ""),
    );
    assert.deepEqual(
      encodeProxyHeader({
        version: 2,
        tlvs: [{ type: PROXY_TLV.authority, value: ascii("a") }],
      }),
      binary("21", "00", "020001 61"),
    );
  });

  const address = { source: "192.0.2.7:1", destination: "192.0.2.8:2" };
  const value = new Uint8Array(1);
  const wrong: [ProxyHeaderOptions, new (message: string) => Error, RegExp][] =
    [
      [{ version: 3 as never }, InvalidOptionError, /version 3: .*1 or 2/],
      [{} as never, InvalidOptionError, /version undefined/],
      [{ version: 1, command: "local" }, InvalidOptionError, /version 1/],
      [{ version: 1, checksum: true }, InvalidOptionError, /version 1/],
      [
        { version: 1, tlvs: [{ type: 1, value }] },
        InvalidOptionError,
        /version 1/,
      ],
      [
        { version: 2, command: "local", ...address },
        InvalidOptionError,
        /nothing else/,
      ],
      [
        { version: 2, source: "192.0.2.7:1" },
        InvalidOptionError,
        /both a source and a destination/,
      ],
      [
        { version: 2, tlvs: [{ type: 3, value }] },
        InvalidOptionError,
        /tlvs .*other than 3/,
      ],
      [
        { version: 2, tlvs: [{ type: 256, value }] },
        InvalidOptionError,
        /tlvs/,
      ],
      [{ version: 2, tlvs: [{} as never] }, InvalidOptionError, /tlvs/],
      [{ version: 2, tlvs: [null as never] }, InvalidOptionError, /tlvs/],
      [
        {
          version: 2,
          tlvs: Array(2).fill({ type: 1, value: new Uint8Array(40000) }),
        },
        InvalidOptionError,
        /80022 bytes: it has 65551 at most/,
      ],
      [
        { version: 2, source: "a.example:1", destination: "192.0.2.8:2" },
        InvalidAddressError,
        /a\.example: only literal/,
      ],
      [
        { version: 2, source: "unix:/a", destination: "192.0.2.8:2" },
        InvalidAddressError,
        /from unix:\/a to 192\.0\.2\.8:2/,
      ],
      [
        {
          version: 2,
          source: `unix:/${"a".repeat(108)}`,
          destination: "unix:/b",
        },
        InvalidAddressError,
        /109 bytes/,
      ],
      [
        { version: 2, source: "nonsense", destination: "192.0.2.8:2" },
        InvalidAddressError,
        /nonsense/,
      ],
    ];
  for (const [options, errorClass, message] of wrong) {
    it(`refuses ${JSON.stringify(options).slice(0, 90)}`, () => {
      assert.throws(() => encodeProxyHeader(options), (error) => {
        assert.ok(error instanceof errorClass, `${error}`);
        assert.match((error as Error).message, message);
        return true;
      });
    });
  }
});
