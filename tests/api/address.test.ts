import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AddressLike,
  type AddressOf,
  describeAddress,
  formatAddress,
  parseAddress,
  showAddress,
} from "../../src/api/address.ts";
import { InvalidAddressError } from "../../src/api/errors.ts";
import {
  type Address,
  type ConnectAddress,
  type TcpAddress,
  type UnixAddress,
  UNKNOWN_ADDRESS,
} from "../../src/contract/address.ts";
import { printable } from "../../src/util/printable.ts";
import { tcp } from "../support/tcp.ts";
import { holds, type Same } from "../support/types.ts";

/** What a message shows of what was given as an address. */
function shownAs(address: unknown): string {
  const text = String(JSON.stringify(address));
  return typeof address === "string" ? text.slice(1, -1) : text;
}

describe("addresses", () => {
  it("are read from host:port, [ipv6]:port and { hostname, port }, and written back", () => {
    for (
      const [text, hostname, port] of [
        ["127.0.0.1:0", "127.0.0.1", 0],
        ["0.0.0.0:65535", "0.0.0.0", 65535],
        ["localhost:80", "localhost", 80],
        ["a-b.example.org:8080", "a-b.example.org", 8080],
        ["[::1]:443", "::1", 443],
        ["[::]:0", "::", 0],
        ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
      ] as const
    ) {
      const address = tcp(hostname, port);
      assert.deepEqual(parseAddress(text), address);
      assert.deepEqual(parseAddress({ hostname, port }), address);
      assert.deepEqual(parseAddress(address), address);
      assert.equal(formatAddress(address), text);
    }
  });

  it("of Unix sockets are read from unix:/path and { transport, path }, and written back", () => {
    for (
      const path of [
        "/run/x.sock",
        "./x",
        "/a b:80",
        "a/b",
        "//@x",
        "/\u{1f600}",
        "@name",
        "@x/y",
        "@@",
        "\\\\.\\pipe\\x",
        "\\\\?\\PIPE\\x/y",
        `/${"ü".repeat(53)}`,
        `\\\\.\\pipe\\${"x".repeat(200)}`,
      ]
    ) {
      const address = { transport: "unix", path } as const;
      assert.deepEqual(parseAddress(`unix:${path}`), address);
      assert.deepEqual(parseAddress(address), address);
      assert.equal(formatAddress(address), `unix:${path}`);
    }
  });

  it("of Unix sockets have 107 bytes at most", () => {
    for (const path of [`/${"ü".repeat(53)}x`, `@${"x".repeat(107)}`]) {
      assert.throws(
        () => parseAddress(`unix:${path}`),
        (error) =>
          error instanceof InvalidAddressError &&
          error.message.includes("108 bytes") &&
          error.message.includes("107"),
      );
    }
  });

  it("of Unix sockets name no folder", () => {
    for (const path of ["/", "/tmp/", "./", "/tmp/.", "/tmp/.."]) {
      assert.throws(
        () => parseAddress(`unix:${path}`),
        (error) =>
          error instanceof InvalidAddressError &&
          error.message.includes(`"${path}" of a Unix socket: it names a`),
      );
    }
    for (const path of ["/...", "/.a", "/tmp/a."]) {
      assert.deepEqual(parseAddress(`unix:${path}`), {
        transport: "unix",
        path,
      });
    }
  });

  it("are shown in one line, which changes no terminal", () => {
    const path = "/tmp/a\nb\x1b[2J\u202e";
    const shown = "a\\nb\\u{1b}[2J\\u{202e}";
    const address = { transport: "unix", path } as const;
    assert.equal(describeAddress(address), `unix:/tmp/${shown}`);
    assert.equal(formatAddress(address), `unix:${path}`);
    assert.match(showAddress(`${path}:\u2028`), /^"[\x20-\x7e]*"$/);
  });

  it("of sockets that were handed over are read from fd:3 and { transport, fd }, and written back", () => {
    for (const fd of [0, 3, 2147483647]) {
      const address = { transport: "fd", fd } as const;
      assert.deepEqual(parseAddress(`fd:${fd}`), address);
      assert.deepEqual(parseAddress(address), address);
      assert.equal(formatAddress(address), `fd:${fd}`);
    }
    assert.deepEqual(parseAddress(tcp("fd", 3)), tcp("fd", 3));
  });

  it("of a host that is named unix are told from the path of a socket", () => {
    assert.deepEqual(parseAddress("unix:80"), tcp("unix", 80));
    assert.equal(formatAddress(tcp("unix", 80)), "unix:80");
  });

  it("that nobody knows have a text, and cannot be used", () => {
    assert.equal(formatAddress(UNKNOWN_ADDRESS), "unknown address");
    assert.throws(
      () => parseAddress(UNKNOWN_ADDRESS),
      (error) =>
        error instanceof InvalidAddressError &&
        error.message.includes('{"transport":"unknown"}'),
    );
  });

  it("of one transport take nothing of another", () => {
    const both = { hostname: "h", port: 80, path: "/x" };
    assert.deepEqual(parseAddress(both), tcp("h", 80));
    assert.deepEqual(
      parseAddress({ ...both, transport: "unix" }),
      { transport: "unix", path: "/x" },
    );
  });

  it("of IPv6 have one form each, however they are written", () => {
    for (
      const [written, hostname] of [
        ["0:0:0:0:0:0:0:1", "::1"],
        ["::0", "::"],
        ["FE80::0001%eth0", "fe80::1%eth0"],
        ["::ffff:127.0.0.1", "::ffff:7f00:1"],
      ]
    ) {
      assert.deepEqual(parseAddress(`[${written}]:80`), tcp(hostname, 80));
    }
  });

  it("of names in other letters are in ASCII, which every resolver understands", () => {
    for (
      const [written, hostname] of [
        ["bücher.example", "xn--bcher-kva.example"],
        ["BÜCHER.example.", "xn--bcher-kva.example."],
        ["例え.テスト", "xn--r8jz45g.xn--zckzah"],
        ["ｌｏｃａｌｈｏｓｔ", "localhost"],
        ["under_score.bücher", "under_score.xn--bcher-kva"],
      ]
    ) {
      const expected = tcp(hostname, 80);
      assert.deepEqual(parseAddress(`${written}:80`), expected);
      assert.deepEqual(parseAddress({ hostname: written, port: 80 }), expected);
    }
  });

  it("that end in a number are IPv4 addresses, in four numbers", () => {
    for (
      const [written, hostname] of [
        ["127.1", "127.0.0.1"],
        ["2130706433", "127.0.0.1"],
        ["0x7f.1", "127.0.0.1"],
        ["10.0.0.1.", "10.0.0.1"],
        ["１２７.０.０.１", "127.0.0.1"],
      ]
    ) {
      assert.deepEqual(parseAddress(`${written}:80`), tcp(hostname, 80));
    }
  });

  it("may be as long as names can be", () => {
    const label = "a".repeat(63);
    const longest = [label, label, label, "a".repeat(61)].join(".");
    for (const hostname of [longest, `${longest}.`, "_a-.-", "xn--zz"]) {
      assert.deepEqual(parseAddress({ hostname, port: 1 }), tcp(hostname, 1));
    }
  });

  it("a leading zero of the port does not matter", () => {
    assert.deepEqual(parseAddress("h:080"), tcp("h", 80));
  });

  it("what is none is refused with InvalidAddressError, which shows it", () => {
    const wrong: unknown[] = [
      "",
      "127.0.0.1",
      ":80",
      "host:",
      "host:-1",
      "host:65536",
      "host:99999",
      "host:123456",
      "host:1.5",
      "host:0x50",
      "host:http",
      "host:80 ",
      " host:80",
      "ho st:80",
      "::1:80",
      "[]:80",
      "[::1]",
      "[::1]80",
      "http://host:80",
      "*:0",
      "invalid..host:80",
      ".host:80",
      "host..:80",
      "..:80",
      "ho/st:80",
      "user@host:80",
      "ho%st:80",
      "ho,st:80",
      "ü/x:80",
      "ü@x:80",
      "ü..x:80",
      "\u00ad:80",
      "a／b:80",
      "256.256.256.256:80",
      "1.2.3.4.5:80",
      "host.1:80",
      "[fe80::zz]:80",
      "[:::]:80",
      "[1::2::3]:80",
      "[fe80::1%]:80",
      "[1.2.3.4]:80",
      "[host]:80",
      `${"a".repeat(64)}.example:80`,
      `${"a.".repeat(123)}examples:80`,
      `${"ü".repeat(64)}.example:80`,
      { hostname: "*", port: 80 },
      { hostname: "host\\", port: 80 },
      { hostname: "a".repeat(255), port: 80 },
      { hostname: "%lo", port: 80 },
      { hostname: "host" },
      { hostname: "", port: 1 },
      { hostname: "host", port: "80" },
      { hostname: "host", port: NaN },
      { hostname: "host", port: 1.5 },
      { hostname: 7, port: 80 },
      { port: 80 },
      "unix:",
      "unix:@",
      "unix:@x\0",
      "unix:\\\\.\\pipe\\",
      "unix:\\\\host\\pipe\\x",
      "unix:/x\0",
      "unix:x",
      { transport: "unix" },
      { transport: "unix", path: "" },
      { transport: "unix", path: "x" },
      "fd:",
      "fd:-1",
      "fd:x",
      "fd:2147483648",
      { transport: "fd" },
      { transport: "fd", fd: -1 },
      { transport: "fd", fd: 1.5 },
      { transport: "fd", fd: "3" },
      { transport: "unix", path: "@" },
      { transport: "unix", path: 7 },
      { transport: "unix", hostname: "h", port: 80 },
      { transport: "tcp", path: "/x" },
      { transport: "udp", hostname: "h", port: 80 },
      {},
      null,
      undefined,
      80,
    ];
    for (const address of wrong) {
      assert.throws(
        () => parseAddress(address as AddressLike),
        (error) =>
          error instanceof InvalidAddressError &&
          (address === "" ||
            error.message.includes(printable(shownAs(address)))),
        JSON.stringify(address),
      );
    }
  });

  it("of what is none, only its parts are shown, and of them not more than a name has", () => {
    const message = (address: unknown) => {
      try {
        parseAddress(address as AddressLike);
      } catch (error) {
        return (error as Error).message;
      }
      assert.fail("it is an address");
    };
    const secret = { hostname: "host", port: -1, password: "hunter2" };
    assert.match(message(secret), /\{"hostname":"host","port":-1\}/);
    assert.ok(!message(secret).includes("hunter2"));
    assert.ok(!message({ hostname: secret, port: 1 }).includes("hunter2"));
    const long = "x".repeat(2 ** 20);
    for (const much of [long, { hostname: long, port: -1 }, { port: long }]) {
      assert.ok(message(much).length < 500);
    }
  });

  it("what cannot be read is refused, with why as the cause; what can is read once", () => {
    const why = new Error("not to be read");
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    let countReads = 0;
    const counting = {
      get hostname() {
        return ++countReads === 1 ? "host" : "other";
      },
      port: 1,
    };
    assert.deepEqual(parseAddress(counting), tcp("host", 1));
    assert.equal(countReads, 1);
    countReads = 0;
    const changing = {
      get transport() {
        return ++countReads === 1 ? "unix" : "tcp";
      },
      path: "/x",
    };
    assert.deepEqual(parseAddress(changing as AddressLike), {
      transport: "unix",
      path: "/x",
    });
    assert.equal(countReads, 1);
    const unreadable = {
      get hostname(): string {
        throw why;
      },
      port: 1,
    };
    assert.throws(
      () => parseAddress(unreadable),
      (error) => error instanceof InvalidAddressError && error.cause === why,
    );
    const withoutText = [
      revoked,
      Symbol("a"),
      Object.create(null),
      { hostname: Symbol("a"), port: 1 },
      { hostname: "host", port: Object.create(null) },
      { hostname: "host", port: Symbol("p") },
      { hostname: revoked, port: revoked },
      { transport: null, hostname: "h", port: 80 },
      { transport: revoked, hostname: "h", port: 80 },
      { transport: "unix", path: revoked },
      () => "host:1",
    ];
    for (const address of withoutText) {
      assert.throws(
        () => parseAddress(address as AddressLike),
        InvalidAddressError,
      );
    }
  });
});

/** `address` as it is read, with the type that is known of it by that of what was given. */
function typed<const Given extends AddressLike>(
  address: Given,
): AddressOf<Given> {
  return parseAddress(address) as AddressOf<Given>;
}

describe("the type of an address", () => {
  it("tells of TCP what has a host and a port, and of a Unix socket what has a path", () => {
    const port = 8080;
    const ofTcp = [
      typed("127.0.0.1:80"),
      typed("[::1]:0"),
      typed("unix:80"), // a host of that name
      typed(`localhost:${port}`),
      typed({ hostname: "localhost", port }),
      typed(tcp("localhost", port)),
    ] as const;
    holds<Same<(typeof ofTcp)[number], TcpAddress>>(true);
    for (const { transport } of ofTcp) assert.equal(transport, "tcp");
    const ofUnix = [
      typed("unix:/run/a.sock"),
      typed("unix:./a:80"),
      typed("unix:@a:80"),
      typed("unix:\\\\.\\pipe\\a"),
      typed({ transport: "unix", path: "/run/a.sock" }),
    ] as const;
    holds<Same<(typeof ofUnix)[number], UnixAddress>>(true);
    for (const { transport } of ofUnix) assert.equal(transport, "unix");
  });

  it("tells nothing where that is decided when the program runs", () => {
    const check = (text: string, parts: Address, transport: string) => {
      const ofText = typed(text);
      const ofParts = typed(parts);
      const ofAny = typed({ hostname: "h", port: 80, ...{ transport } });
      holds<Same<typeof ofText, Address>>(true);
      holds<Same<typeof ofParts, Address>>(true);
      holds<Same<typeof ofAny, Address>>(true);
      const ofEither = typed(Math.random() < 0.5 ? "a:1" : "unix:/a");
      holds<Same<typeof ofEither, ConnectAddress>>(true);
      const handedOver = typed("fd:3");
      holds<Same<typeof handedOver, Address>>(true);
    };
    assert.equal(check.length, 3);
  });
});
