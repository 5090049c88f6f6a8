// @ts-check

const HELLO = [{ file: "tests/tls/client_hello.test.ts" }];
const WATCH = [{ file: "tests/tls/records.test.ts" }];

/** TLS of Deno, whose record layer is driven past its streams. */
const deno = (/** @type {string} */ names) => [
  {
    file: "tests/tls/host_sockets.test.ts",
    only: names,
    runtime: /** @type {const} */ ("deno"),
  },
];

/**
 * Bugs below TLS: in its records, the ClientHello, and the carrier.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const tlsRecordMutants = [
  {
    name: "hello-name-in-any-letters",
    planted: "a server name in capitals does not match",
    file: "src/adapters/tls/client_hello.ts",
    old: 'return name.toLowerCase().replace(/\\.$/, "");',
    new: 'return name.replace(/\\.$/, "");',
    suites: HELLO,
  },
  {
    name: "hello-without-end",
    planted: "a client that never completes its ClientHello is read for ever",
    file: "src/adapters/tls/client_hello.ts",
    old: 'return this.#total < LONGEST_HELLO ? undefined : "";',
    new: "return undefined;",
    suites: HELLO,
  },
  {
    name: "hello-cut-short",
    planted: "the ClientHello is parsed before all of it has arrived",
    file: "src/adapters/tls/client_hello.ts",
    old: "if (message.left >= size) return message.take(size);",
    new: "return message.take(Math.min(size, message.left));",
    suites: HELLO,
  },
  {
    name: "hello-header-of-one-read",
    planted: "a record header split across two reads is lost",
    file: "src/adapters/tls/client_hello.ts",
    old: "  #firstMessage(bytes: Uint8Array): Uint8Array | undefined {\n",
    new:
      "  #firstMessage(bytes: Uint8Array): Uint8Array | undefined {\n    this.#headerSize = 0;\n",
    suites: HELLO,
  },
  {
    name: "message-taken-for-alert",
    planted: "a message as long as an alert counts as the end of TLS",
    file: "src/adapters/tls/tls_records.ts",
    old:
      "return this.#size === HIDDEN_ALERT_SIZE &&\n      this.#decrypted <= this.#mostBefore;",
    new: "return this.#size === HIDDEN_ALERT_SIZE;",
    suites: WATCH,
  },
  {
    name: "half-an-alert",
    planted: "a truncated alert counts as the end of TLS",
    file: "src/adapters/tls/tls_records.ts",
    old: "if (this.#missing > 0 || this.#headerSize > 0) return false;",
    new: "",
    suites: WATCH,
  },
  {
    name: "alert-of-an-earlier-read",
    planted:
      "bytes decrypted from an earlier read hide an alert in the next one",
    file: "src/adapters/tls/tls_records.ts",
    old: "this.#decrypted = this.#mostDecrypted = this.#mostBefore = 0;",
    new: "this.#mostDecrypted = this.#mostBefore = 0;",
    suites: WATCH,
  },
  {
    name: "deno-long-write-stalls",
    planted: "Deno encrypts only the first records of a long write",
    file: "src/adapters/tls/deno_record_layer.ts",
    old:
      "      all.push(records);\n      this.#handle.readBuffer(NO_RECORDS);\n",
    new: "      all.push(records);\n",
    suites: deno("how it ends"),
  },
  {
    name: "deno-tells-of-others",
    planted:
      "on Deno, data decrypted before a TLS failure is delivered to another connection",
    file: "src/adapters/tls/deno_record_layer.ts",
    old: "delivered = Infinity;",
    new: "",
    suites: [{ file: "tests/tls/deno_record_layer.test.ts" }],
  },
  {
    name: "verdict-not-asked",
    planted: "an untrusted certificate is reported as an alert of the peer",
    file: "src/adapters/tls/tls_failures.ts",
    old: "const code = codeOf(verdict) ?? verdict;",
    new: "const code = undefined;",
    suites: [{
      file: "tests/tls/host_sockets.test.ts",
      only: "node: TLS.*lets no client in",
    }, ...deno("TLS")],
  },
  {
    name: "authorized-without-certificate",
    planted: "a client without a certificate is reported as authorized",
    file: "src/adapters/tls/tls_peer.ts",
    old: "isAuthorized: native.authorized && certificate !== undefined,",
    new: "isAuthorized: native.authorized || certificate === undefined,",
    suites: [{ file: "tests/tls/host_sockets.test.ts", only: "node: TLS" }],
  },
  {
    name: "wildcard-of-any-depth",
    planted: "a wildcard name matches any number of labels",
    file: "src/adapters/tls/server_names.ts",
    old: 'name.replace(/^[^.]+/, "*")',
    new: 'name.replace(/^.+(?=\\.[^.]+\\.[^.]+$)/, "*")',
    suites: HELLO,
  },
  {
    name: "carrier-ends-too-early",
    planted:
      "the connection below TLS or a WebSocket ends before everything is written",
    file: "src/adapters/tls/carrier.ts",
    old:
      "    if (this.#out !== undefined) return;\n    this.#isShutDown = true;",
    new: "    this.#isShutDown = true;",
    suites: [{ file: "tests/tls/carrier.test.ts" }],
  },
  {
    name: "carrier-keeps-views",
    planted:
      "data held below TLS or a WebSocket is a view of the reused read buffer",
    file: "src/adapters/tls/carrier.ts",
    old: "this.#pass(isOwn || !this.#isKept ? bytes : bytes.slice());",
    new: "this.#pass(bytes);",
    suites: [{ file: "tests/tls/carrier.test.ts" }],
  },
];
