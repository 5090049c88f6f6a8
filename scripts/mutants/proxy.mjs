// @ts-check

const HEADERS = [{ file: "tests/codec/proxy_header.test.ts" }];
const PROPERTIES = [{ file: "tests/properties/proxy_header.test.ts" }];

/** The promises of listeners and connects, on a simulated network; on one whose sockets keep what is written, if `writes` says so. */
const promises = (/** @type {string} */ names, writes = "counts, seed 1") => [
  { file: "tests/sim/adapter.test.ts", only: `${writes}.*(${names})` },
];

/**
 * Bugs in the PROXY protocol, and in sockets that are handed on.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const proxyMutants = [
  {
    name: "proxy-believes-anybody",
    planted: "a PROXY header is accepted from any peer",
    file: "src/core/header_intake.ts",
    old: "if (!this.#trusted.has(socket)) {",
    new: "if (false) {",
    suites: promises("a peer that is not trusted"),
  },
  {
    name: "proxy-unix-is-all",
    planted: "trusting Unix sockets trusts every peer",
    file: "src/core/trusted_proxies.ts",
    old:
      'if (transport === "unix" || transport === "fd") return this.#hasUnix;',
    new: "if (this.#hasUnix) return true;",
    suites: promises("a peer that is not trusted"),
  },
  {
    name: "proxy-prefix-rounded",
    planted: "a network prefix only counts in whole bytes",
    file: "src/util/networks.ts",
    old: "const count = Math.min(8, Math.max(0, prefixSize - 8 * i));",
    new: "const count = prefixSize - 8 * i >= 8 ? 8 : 0;",
    suites: PROPERTIES,
  },
  {
    name: "proxy-rest-lost",
    planted: "bytes read after a PROXY header are lost",
    file: "src/core/header_intake.ts",
    old: "buffer.subarray(end, length),",
    new: "buffer.subarray(length, length),",
    suites: promises("behind a proxy"),
  },
  {
    name: "proxy-rest-while-paused",
    planted: "bytes read after a PROXY header are delivered during a pause",
    file: "src/core/proxied_socket.ts",
    old: "if (this.#isPaused) this.#rest = this.#rest.slice();\n    else ",
    new: "",
    suites: promises("while its reactor pauses"),
  },
  {
    name: "proxy-rest-not-kept",
    planted:
      "bytes held after a PROXY header are a view of the reused read buffer",
    file: "src/core/proxied_socket.ts",
    old: "this.#rest = this.#rest.slice();",
    new: "return;",
    suites: promises("while its reactor pauses"),
  },
  {
    name: "proxy-waits-for-ever",
    planted: "the wait for a PROXY header has no time limit",
    file: "src/core/header_intake.ts",
    old: "    this.#host.loop.arm(this.#timeout, this.#settings.timeoutMs);\n",
    new: "",
    suites: promises("a peer that is too slow"),
  },
  {
    name: "drop-without-error",
    planted: "onDrop is not given the error",
    file: "src/core/listener_drops.ts",
    old: "this.report(reason, remoteAddress, error);",
    new: "this.report(reason, remoteAddress);",
    suites: promises("a peer that is too slow"),
  },
  {
    name: "proxy-half-is-free",
    planted: "a client that has not sent its PROXY header yet does not count",
    file: "src/core/header_intake.ts",
    old: "    this.#host.admission.enter(undefined);\n",
    new: "",
    suites: promises("counts for maxConnections"),
  },
  {
    name: "proxy-counts-twice",
    planted: "a client that has sent its PROXY header counts twice",
    file: "src/core/header_intake.ts",
    old: "    this.#host.admission.leave(undefined);\n",
    new: "",
    suites: promises("a listener behind a proxy"),
  },
  {
    name: "proxy-limit-of-proxy",
    planted: "the limit per address applies to the proxy's address",
    file: "src/core/proxied_socket.ts",
    old: "this.remoteAddress = header.source ?? remoteAddress;",
    new: "this.remoteAddress = remoteAddress;",
    suites: promises("limits the client's address"),
  },
  {
    name: "proxy-outlives-listener",
    planted:
      "closing a listener leaves clients open that have not sent their PROXY header",
    file: "src/core/listener_intake.ts",
    old: "    this.#headers?.close();\n",
    new: "",
    suites: promises("a listener that is closed drops"),
  },
  {
    name: "proxy-size-unbounded",
    planted: "a PROXY header may announce any size",
    file: "src/codec/proxy/proxy_header.ts",
    old: "if (size <= max) return size;",
    new: "if (max > 0) return size;",
    suites: HEADERS,
  },
  {
    name: "proxy-line-unbounded",
    planted: "a PROXY header line may have any length",
    file: "src/codec/proxy/proxy_header.ts",
    old: "if (end < max) return 0;",
    new: "if (end <= max) return 0;",
    suites: HEADERS,
  },
  {
    name: "proxy-checksum-ignored",
    planted: "a PROXY header with a wrong checksum is accepted",
    file: "src/codec/proxy/proxy_tlvs.ts",
    old: "if (crc32c(unchecked) === get32(value, 0)) return;",
    new: "if (crc32c(unchecked) !== -1) return;",
    suites: HEADERS,
  },
  {
    name: "proxy-leading-zeros",
    planted:
      "an address with leading zeros, which some read as octal, is accepted",
    file: "src/util/ip_addresses.ts",
    old: String.raw`/^(?:0|[1-9]\d{0,2})$/`,
    new: String.raw`/^\d{1,3}$/`,
    suites: HEADERS,
  },
  {
    name: "proxy-certificate-imagined",
    planted: "a client without a certificate is reported as verified",
    file: "src/codec/proxy/proxy_tlvs.ts",
    old: "(sentCertificate || sentCertificateInSession),",
    new: "has(TlsBit.UsesTls),",
    suites: HEADERS,
  },
  {
    name: "proxy-local-believed",
    planted: "the content of a LOCAL PROXY header is parsed",
    file: "src/codec/proxy/proxy_binary.ts",
    old: "if (command === LOCAL) return",
    new: "if (command === LOCAL && bytes.length === AT.body) return",
    suites: HEADERS,
  },
  {
    name: "proxy-split-misread",
    planted: "a PROXY header that comes in two reads ends too early",
    file: "src/codec/proxy/proxy_header.ts",
    old: "return at - excess;",
    new: "return at;",
    suites: PROPERTIES,
  },
  {
    name: "proxy-header-not-awaited",
    planted: "a connection starts before the PROXY header it sends is out",
    file: "src/io/header_sending.ts",
    old: "    if (this.#write()) return this.#end();\n    this.#isStarted",
    new:
      "    this.#write();\n    if (true) return this.#end();\n    this.#isStarted",
    suites: promises("sends a PROXY header", "borrows, seed 2"),
  },
  {
    name: "proxy-connect-stays-paused",
    planted: "a connection that has sent a PROXY header receives nothing",
    file: "src/io/header_sending.ts",
    old: "    if (this.#isStarted) this.#socket.resume();\n",
    new: "",
    suites: promises("sends a PROXY header", "borrows, seed 2"),
  },
  {
    name: "handed-on-and-deaf",
    planted: "a node:net socket that is handed on reports to its former owner",
    file: "src/adapters/node_socket.ts",
    old:
      "    const isFirst = this.#events === undefined;\n    this.#events = events;",
    new:
      "    const isFirst = this.#events === undefined;\n    this.#events ??= events;",
    suites: [{ file: "tests/adapters/node.test.ts", only: "handed on" }],
  },
  {
    name: "proxy-line-of-two-families",
    planted: "a PROXY line may contain addresses of the other family",
    file: "src/codec/proxy/proxy_text.ts",
    old: 'if (bytes?.length !== (family === "4" ? 4 : 16)) {',
    new: "if (bytes === undefined) {",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-any-port",
    planted: "a PROXY line may contain a port above 65535",
    file: "src/codec/proxy/proxy_text.ts",
    old: "if (!PORT.test(port) || number > 0xffff)",
    new: "if (!PORT.test(port))",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-datagram-is-a-stream",
    planted: "datagram addresses are reported as those of a connection",
    file: "src/codec/proxy/proxy_binary.ts",
    old: "...(protocol === STREAM && family !== Family.Unspecified &&",
    new: "...(family !== Family.Unspecified &&",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-field-beyond-end",
    planted: "a field may extend past the end of its header",
    file: "src/codec/proxy/proxy_tlvs.ts",
    old: "if (end > bytes.length) {",
    new: "if (false) {",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-any-unique-id",
    planted: "a unique id may have any size",
    file: "src/codec/proxy/proxy_tlvs.ts",
    old: "if (uniqueId !== undefined && uniqueId.length > MAX_UNIQUE_ID) {",
    new: "if (false) {",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-abstract-is-a-file",
    planted: "an abstract socket name is reported as a file path",
    file: "src/codec/proxy/proxy_binary.ts",
    old: "path: isAbstract ? `@${text}` : text",
    new: "path: text",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-writes-two-families",
    planted: "addresses of two families are encoded as IPv4",
    file: "src/codec/proxy/proxy_encoder.ts",
    old: "const isIpv4 = hosts.every(",
    new: "const isIpv4 = hosts.some(",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
  {
    name: "proxy-checksum-not-written",
    planted: "the checksum of a header is left at zero",
    file: "src/codec/proxy/proxy_encoder.ts",
    old: "if (checksum) put32(bytes, size - CHECKSUM_SIZE, crc32c(bytes));",
    new: "",
    suites: [{ file: "tests/codec/proxy_header.test.ts" }],
  },
];
