import type {
  ConnectionOptions,
  ConnectOptions,
  ListenOptions,
} from "../../mod.ts";

/** Invalid addresses, with the text that the error has to show. */
export const BAD_ADDRESSES: [unknown, string][] = [
  ...[
    "",
    ":",
    "80",
    ":80",
    "localhost",
    "localhost:",
    "localhost:http",
    "localhost:-1",
    "localhost:1.5",
    "localhost:65536",
    "localhost:100000",
    "localhost:80 ",
    " localhost:80",
    "local host:80",
    "localhost:80:80",
    "http://localhost:80",
    "::1:80",
    "[::1]",
    "[::1]:",
    "[]:80",
    "::1]:80",
    "*:80",
    "local..host:80",
    "localhost/:80",
    "256.256.256.256:80",
    "[fe80::zz]:80",
  ].map((text): [string, string] => [text, `"${text}"`]),
  [`${"a".repeat(300)}:80`, `"${"a".repeat(260)}… (303 characters)"`],
  [undefined, "undefined"],
  [null, "null"],
  [80, "80"],
  [[], "{}"],
  [{}, "{}"],
  [{ port: 80 }, "80"],
  [{ hostname: "localhost" }, "localhost"],
  [{ hostname: 80, port: 80 }, "80"],
  [{ hostname: "", port: 80 }, "80"],
  [{ hostname: "local host", port: 80 }, "local host"],
  [{ hostname: "local\0host", port: 80 }, "host"],
  [{ hostname: "[::1]", port: 80 }, "[::1]"],
  [{ hostname: "localhost", port: "80" }, "80"],
  [{ hostname: "localhost", port: -1 }, "-1"],
  [{ hostname: "localhost", port: 1.5 }, "1.5"],
  [{ hostname: "localhost", port: 65536 }, "65536"],
  [{ hostname: "localhost", port: NaN }, "localhost"],
  [{ hostname: "localhost", port: 80n }, "localhost"],
];

const NO_COUNT = [-1, 0.5, NaN, Infinity, "1", null, {}];
const NO_FLAG = [0, 1, "true", null];

/**
 * Values that each option refuses. Options that are objects have their own
 * tests.
 */
type BadOptions<Options, Objects extends keyof Options> = {
  readonly [Name in keyof Omit<Required<Options>, Objects>]: readonly unknown[];
};

/** Values that options of a connection refuse. */
export const BAD_CONNECTION_OPTIONS: BadOptions<
  ConnectionOptions,
  "record"
> = {
  recvBufferMinSize: [...NO_COUNT, 2 ** 30 + 1],
  maxMessageSize: [...NO_COUNT, 0, 2 ** 30 + 1],
  maxSendQueue: [...NO_COUNT, 0, 2 ** 30 + 1],
  sendQueueOverflow: ["drop", 1, null],
  sendHighWaterMark: [...NO_COUNT, 2 ** 30 + 1],
  sendLowWaterMark: [...NO_COUNT, 2 ** 20 + 1],
  idleTimeoutMs: [...NO_COUNT, 2 ** 31],
  readIdleTimeoutMs: [...NO_COUNT, 2 ** 31],
  writeIdleTimeoutMs: [...NO_COUNT, 2 ** 31],
  firstMessageTimeoutMs: [...NO_COUNT, 2 ** 31],
  messageTimeoutMs: [...NO_COUNT, 2 ** 31],
  sendTimeoutMs: [...NO_COUNT, 2 ** 31],
  closeTimeoutMs: [...NO_COUNT, 0, 2 ** 31],
  noDelay: NO_FLAG,
  keepAlive: NO_FLAG,
};

/** Values that options of a connect refuse. */
export const BAD_CONNECT_OPTIONS: BadOptions<
  ConnectOptions,
  "record" | "proxyProtocol" | "tls" | "upgrade"
> = {
  ...BAD_CONNECTION_OPTIONS,
  connectTimeoutMs: [...NO_COUNT, 0, 2 ** 31],
};

/** Values that options of a listen refuse. */
export const BAD_LISTEN_OPTIONS: BadOptions<
  ListenOptions,
  "proxyProtocol" | "tls"
> = {
  maxConnections: [...NO_COUNT, 0, 2 ** 20 + 1],
  maxConnectionsPerAddress: [...NO_COUNT, 0, 2 ** 20 + 1],
  acceptsPerSecond: [0, -1, NaN, "1", null],
  acceptBurst: [...NO_COUNT, 0, 2 ** 20 + 1],
  backlog: [...NO_COUNT, 0, 65536],
  reusePort: NO_FLAG,
  mode: [...NO_COUNT, 0o1000],
};

/** Values that cannot be converted to text, or read at all. */
export function withoutText(): unknown[] {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const refuse = () => {
    throw new Error("not to be read");
  };
  return [
    Symbol("s"),
    Object.create(null),
    proxy,
    new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse }),
    { toString: refuse, valueOf: refuse, toJSON: refuse },
    { hostname: Symbol("h"), port: Object.create(null) },
  ];
}
