// @ts-check

/** The promises of TLS on the sockets of the host, and on `node:net`. */
const promises = (/** @type {string} */ names) => [
  { file: "tests/tls/host_sockets.test.ts", only: names },
];

/** Those of connections that start TLS, on a simulated network. */
const startings = (/** @type {string} */ names, writes = "counts, seed 1") => [
  {
    file: "tests/sim/adapter.test.ts",
    only: `${writes}.*a connection that starts TLS.*(${names})`,
  },
];

/**
 * Bugs in TLS: which certificates are accepted, what counts as an end, and what
 * goes out in plain text.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const tlsMutants = [
  {
    name: "tls-reads-inside-resume",
    planted:
      "on Deno, bytes in TLS are handed out inside the call that resumes",
    file: "src/adapters/tls/tls_socket.ts",
    old: "this.#isResuming = true;",
    new: "",
    suites: [{
      file: "tests/tls/host_sockets.test.ts",
      runtime: "deno",
      only: "deno: TLS: how it ends",
    }],
  },
  {
    name: "tls-words-of-newer-openssl",
    planted: "alerts as worded by newer OpenSSL versions are not recognized",
    file: "src/adapters/tls/tls_failures.ts",
    old: "(?:ssl\\/tls|sslv3|",
    new: "(?:sslv3|",
    suites: [{ file: "tests/tls/failures.test.ts" }],
  },
  {
    name: "tls-admits-self-signed",
    planted: "on Bun, a client certificate of no trusted authority is accepted",
    file: "src/adapters/tls/bun_tls_socket.ts",
    old: "if (isStrict && wrong) return",
    new: "if (false) return",
    suites: promises("bun: TLS.*lets no client in"),
  },
  {
    name: "tls-admits-self-signed-by-node",
    planted:
      "with node:tls, a client certificate of no trusted authority is accepted",
    file: "src/adapters/tls/node_tls.ts",
    old: 'rejectUnauthorized: clientCert === "require",',
    new: "rejectUnauthorized: false,",
    suites: promises("node: TLS.*lets no client in"),
  },
  {
    name: "tls-resumed-believed",
    planted:
      "on Deno, a resumed session accepts a client certificate whose chain is too long",
    file: "src/adapters/tls/resumed_clients.ts",
    old: "chain.length <= LONGEST_CHAIN && isClient(client)",
    new: "isClient(client)",
    suites: [{
      file: "tests/tls/resumed_clients.test.ts",
      only: "is wrong if it has none",
    }],
  },
  {
    name: "tls-verdict-unknown",
    planted: 'an unknown certificate error is not reported as "untrusted"',
    file: "src/adapters/tls/tls_failures.ts",
    old: 'REASON_BY_CODE[`${code}`] ?? "untrusted"',
    new: "REASON_BY_CODE[`${code}`] ?? reasonOf(error)",
    suites: [{
      file: "tests/tls/failures.test.ts",
      only: "by a certificate is untrusted",
    }],
  },
  {
    name: "tls-resumed-for-anything",
    planted:
      "on Deno, a resumed session accepts a server certificate that contains the bytes of the client purpose anywhere",
    file: "src/adapters/tls/resumed_clients.ts",
    old: "valueIn(rest).includes(CLIENT_AUTHENTICATION)",
    new: "derOf(certificate).includes(CLIENT_AUTHENTICATION.slice(2))",
    suites: [{
      file: "tests/tls/resumed_clients.test.ts",
      only: "is wrong if its certificate is for something else",
    }],
  },
  {
    name: "tls-resumed-of-any-name",
    planted:
      "on Deno, a resumed session ignores the name constraints of authorities",
    file: "src/adapters/tls/resumed_clients.ts",
    old: "flatMap(certificatesIn).filter(isForAll)",
    new: "flatMap(certificatesIn)",
    suites: [{
      file: "tests/tls/resumed_clients.test.ts",
      only: "is wrong if an authority may sign some names only",
    }],
  },
  {
    name: "tls-server-believed",
    planted: "with node:tls, a client does not verify the server's certificate",
    file: "src/adapters/tls/node_tls.ts",
    old: "rejectUnauthorized: verify,",
    new: "rejectUnauthorized: false,",
    suites: promises("node: TLS.*a client rejects a server"),
  },
  {
    name: "tls-name-not-verified",
    planted: "on Bun, a client accepts a certificate for another name",
    file: "src/adapters/tls/bun_tls.ts",
    old: "verdict ?? tls.checkServerIdentity(serverName, certificate),",
    new: "verdict?.code?.includes('ALTNAME') ? null : verdict,",
    suites: promises("bun: TLS.*a client rejects a server"),
  },
  {
    name: "tls-name-not-verified-by-node",
    planted: "with node:tls, a client accepts a certificate for another name",
    file: "src/adapters/tls/node_tls.ts",
    old: "host: serverName,",
    new: "host: serverName, checkServerIdentity: () => undefined,",
    suites: promises("node: TLS.*a client rejects a server"),
  },
  {
    name: "tls-cut-is-end",
    planted: "on Bun, an end without close_notify counts as a clean end",
    file: "src/adapters/tls/bun_tls_socket.ts",
    old: "if (this.#isEndAnnounced) return events.onEnd();",
    new: "return events.onEnd();",
    suites: promises("bun: TLS.*ends no message"),
  },
  {
    name: "tls-cut-after-handshake-is-end",
    planted:
      "on Bun, a truncation after a message as long as an alert counts as a clean end if the end of the handshake came with it",
    file: "src/adapters/tls/bun_tls_socket.ts",
    old: "return this.#isLooking && this.#watch.endsInAlert;",
    new: "return this.#watch.endsInAlert;",
    suites: promises("bun: TLS.*comes before a cut"),
  },
  {
    name: "tls-cut-is-end-by-node",
    planted: "with node:tls, an end without close_notify counts as a clean end",
    file: "src/adapters/tls/tls_socket.ts",
    old: "if (this.#cut !== undefined) return this.#fail(this.#cut);\n",
    new: "",
    suites: promises("node: TLS.*ends no message"),
  },
  {
    name: "tls-held-overtaken",
    planted: "decrypted data overtakes data that is still held",
    file: "src/adapters/tls/direct_tls.ts",
    old: "if (this.isAllDelivered && this.#owner.isListening) {",
    new: "if (this.#owner.isListening) {",
    suites: [{ file: "tests/tls/direct_tls.test.ts" }],
  },
  {
    name: "tls-held-views",
    planted: "held data is a view of the read buffer, not a copy",
    file: "src/adapters/tls/direct_tls.ts",
    old: "this.#held.push(buffer.slice(0, length))",
    new: "this.#held.push(buffer.subarray(0, length))",
    suites: [{ file: "tests/tls/direct_tls.test.ts" }],
  },
  {
    name: "tls-room-without-end",
    planted: "TLS goes on encrypting while records wait to be written",
    file: "src/adapters/tls/direct_tls.ts",
    old: "return this.#layer.isIdle && this.#carrier.isDrained;",
    new: "return this.#layer.isIdle;",
    suites: [{ file: "tests/tls/direct_tls.test.ts" }],
  },
  {
    name: "tls-end-before-records",
    planted: "TLS ends before everything is encrypted",
    file: "src/adapters/tls/direct_tls.ts",
    old: "if (this.#layer.isIdle) return callback();",
    new: "if (true) return callback();",
    suites: [{ file: "tests/tls/direct_tls.test.ts" }],
  },
  {
    name: "tls-room-not-asked-for",
    planted: "TLS never resumes writing once it was full",
    file: "src/adapters/tls/direct_tls.ts",
    old: "else this.#layer.notifyIdle();",
    new: "",
    suites: [{ file: "tests/tls/direct_tls.test.ts" }],
  },
  {
    name: "tls-paused-is-cut",
    planted:
      "on Node, a reactor paused at a clean TLS end gets a truncation error",
    file: "src/adapters/node_reads.ts",
    old: "if (!handle.reading || handle.readStart() !== 0) return false;",
    new: "if (handle.readStart() !== 0) return false;",
    suites: [{ file: "tests/tls/node_tls.test.ts" }],
  },
  {
    name: "tls-cut-is-end-by-handle",
    planted: "on Node, the end of the TCP connection counts as a clean TLS end",
    file: "src/adapters/node_reads.ts",
    old: "if (!handle.reading || handle.readStart() !== 0) return false;",
    new: "if (!handle.reading || handle.readStart() !== -1) return false;",
    suites: [{ file: "tests/tls/node_tls.test.ts" }],
  },
  {
    name: "tls-stream-overtakes",
    planted: "data read in TLS overtakes data that is still held",
    file: "src/adapters/tls/direct_stream.ts",
    old: "if (!this.#isFlowing || this.#held.length > 0) {",
    new: "if (!this.#isFlowing) {",
    suites: [{ file: "tests/tls/direct_stream.test.ts" }],
  },
  {
    name: "tls-stream-keeps-views",
    planted: "held TLS data is a view of the read buffer, not a copy",
    file: "src/adapters/tls/direct_stream.ts",
    old: "bytes?.slice() ?? null",
    new: "bytes",
    suites: [{ file: "tests/tls/direct_stream.test.ts" }],
  },
  {
    name: "tls-stream-overwrites",
    planted: "records are joined in a buffer that still holds unwritten ones",
    file: "src/adapters/tls/direct_stream.ts",
    old: "this.#isKept && bytes.buffer === shared?.buffer",
    new: "false",
    suites: [{ file: "tests/tls/direct_stream.test.ts" }],
  },
  {
    name: "tls-stream-writes-twice",
    planted: "records are written while a write is in progress",
    file: "src/adapters/tls/direct_stream.ts",
    old: "if (this.#isWriting || this.#chunks.length === 0) return;",
    new: "if (this.#chunks.length === 0) return;",
    suites: [{ file: "tests/tls/direct_stream.test.ts" }],
  },
  {
    name: "generator-deaf-in-tls",
    planted: "the load generator leaves records in its buffers",
    file: "bench/load/echo.c",
    old: " || run->plan->is_tls);",
    new: ");",
    suites: [{ file: "tests/bench/load_generator.test.ts", only: "in TLS" }],
  },
  {
    name: "generator-takes-cuts",
    planted: "the load generator accepts a TLS stream that was truncated",
    file: "bench/load/transport.c",
    old: "SSL_CTX_set_read_ahead(context, 1);",
    new:
      "SSL_CTX_set_read_ahead(context, 1);\n  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);",
    suites: [{ file: "tests/bench/load_generator.test.ts", only: "in TLS" }],
  },
  {
    name: "generator-trusts-tls",
    planted: "the load generator does not verify data received over TLS",
    file: "bench/load/echo.c",
    old: "    expect_pattern(&run->pattern",
    new: "    if (!run->plan->is_tls) expect_pattern(&run->pattern",
    suites: [{ file: "tests/bench/load_generator.test.ts", only: "in TLS" }],
  },
  {
    name: "tls-handshake-unlimited",
    planted: "a TLS handshake has no time limit",
    file: "src/core/tls_handshake.ts",
    old: "loop.armAt(this.#timeout, options.deadline);",
    new: "",
    suites: promises("a connect to a silent server times out"),
  },
  {
    name: "tls-protocols-ignored",
    planted: "with node:tls, a server does not negotiate ALPN protocols",
    file: "src/adapters/tls/node_tls.ts",
    old: "...(alpn.length > 0 && { ALPNProtocols: alpn }),\n      requestCert",
    new: "requestCert",
    suites: promises("node: TLS.*(has agreed on|common protocol)"),
  },
  {
    name: "tls-half-a-credential",
    planted: "a client with a certificate but no key connects without both",
    file: "src/api/options/tls.ts",
    old: "Object.values(own).every(",
    new: "Object.values(own).some(",
    suites: promises("half a credential"),
  },
  {
    name: "tls-key-still-encrypted",
    planted: "a key with a passphrase stays encrypted",
    file: "src/adapters/tls/node_tls.ts",
    old: 'return { cert, key: read.export({ type: "pkcs8", format: "pem" }) };',
    new: "return { cert, key };",
    suites: promises("encrypted keys with their passphrase"),
  },
  {
    name: "tls-passphrase-alone",
    planted: "a client with a passphrase but no key connects without both",
    file: "src/api/options/tls_material.ts",
    old: 'passphrase: readOption(options, "passphrase"),',
    new: 'passphrase: options.cert && readOption(options, "passphrase"),',
    suites: promises("invalid passphrase is refused"),
  },
  {
    name: "tls-passphrase-stays",
    planted: "threads do not get the passphrase of a key",
    file: "src/api/options/tls.ts",
    old: "const { credential, sni, ...settings } = tlsListenSettings(options);",
    new:
      "const { credential: { passphrase: _, ...credential }, sni, ...settings } = tlsListenSettings(options);",
    suites: [{
      file: "tests/threads/tls.test.ts",
      only: "takes a renewed certificate",
    }],
  },
  {
    name: "tls-handshakes-vanish",
    planted:
      "handshakes abandoned by a closing listener are neither counted nor reported",
    file: "src/core/handshake_intake.ts",
    old: 'this.#drop(caller, "closing");',
    new: "",
    suites: promises("drops the handshakes under way"),
  },
  {
    name: "tls-renewed-for-some",
    planted: "renewed certificates do not reach the threads",
    file: "src/threads/shared_listener.ts",
    old: "this.#options = { ...this.#options, tls: plain };",
    new: "",
    suites: [{ file: "tests/threads/tls.test.ts", only: "renewed" }],
  },
  {
    name: "starttls-plaintext-kept",
    planted:
      "plain text received after STARTTLS is read as if it came over TLS",
    file: "src/core/tls_start.ts",
    old: "if (bytesBuffered === 0) {",
    new: "if (bytesBuffered >= 0) {",
    suites: startings("is aborted if"),
  },
  {
    name: "starttls-sends-in-plain",
    planted: "data sent after the STARTTLS answer goes out in plain text",
    file: "src/core/tls_start.ts",
    old: "Math.min(end - start, this.#plainLeft);",
    new: "end - start;",
    suites: startings("speaks that"),
  },
  {
    name: "starttls-too-early",
    planted: "the handshake begins before all plain text has been written",
    file: "src/core/tls_start.ts",
    old: "return this.#plainLeft === 0 && !this.#isBorrowed;",
    new: "return true;",
    suites: startings("sends much"),
  },
  {
    name: "starttls-joins-shared",
    planted:
      "a group message after STARTTLS is merged into the queued plain text",
    file: "src/io/send_queue.ts",
    old: "this.#end === start && !last.isSealed",
    new: "this.#end === start",
    suites: [{ file: "tests/io/send_queue.test.ts" }],
  },
  {
    name: "starttls-joins-adopted",
    planted:
      "a slice of a large read after STARTTLS is merged into the queued plain text",
    file: "src/io/send_queue.ts",
    old: "this.#end === at && !last?.isSealed",
    new: "this.#end === at",
    suites: [{ file: "tests/io/send_queue.test.ts" }],
  },
  {
    name: "starttls-not-sealed",
    planted: "TLS data is written in one piece with plain text",
    file: "src/io/outbound_bytes.ts",
    old: "    this.queue?.seal();\n",
    new: "",
    suites: startings("sends much", "borrows, seed 2"),
  },
  {
    name: "starttls-answer-unlimited",
    planted:
      "a peer that does not read the STARTTLS answer is waited for without limit",
    file: "src/core/tls_start.ts",
    old: "this.#loop.armAt(this.#timeout, this.#deadline);",
    new: "",
    suites: startings("reads nothing"),
  },
  {
    name: "starttls-limit-anew",
    planted:
      "the time that passed before the STARTTLS handshake does not count",
    file: "src/core/tls_start.ts",
    old: "      undefined,\n      this.#deadline,\n",
    new: "",
    suites: [{
      file: "tests/tls/faults_simulated.test.ts",
      only: "one time limit",
    }],
  },
  {
    name: "tls-close-unpauses",
    planted:
      "on Bun, a paused reactor is told the end once both ends have closed",
    file: "src/adapters/tls/bun_tls_socket.ts",
    old: "if (!this.#isShutDown || this.#hasEnded) this.#isPaused = false;",
    new: "this.#isPaused = false;",
    suites: promises("bun: TLS.*a paused reactor gets what came before"),
  },
  {
    name: "alert-in-words-of-the-runtime",
    planted:
      "an alert that ends a connection is reported in the runtime's words",
    file: "src/adapters/tls/tls_socket.ts",
    old: "this.#fail(secureFailureOf(error));",
    new: "this.#fail(failureOf(error));",
    suites: [{
      file: "tests/tls/host_sockets.test.ts",
      only: "shows no certificate is told that one is required",
    }],
  },
  {
    name: "tls-failures-held",
    planted: "on Deno, a failed handshake stays in memory for weeks",
    file: "src/adapters/tls/node_tls.ts",
    old: "const NO_TIMEOUT_MS = -1;",
    new: "const NO_TIMEOUT_MS = 2 ** 31 - 1;",
    suites: [{ file: "tests/tls/leftovers.test.ts", runtime: "deno" }],
  },
  {
    name: "refusal-in-plain-not-understood",
    planted:
      "on Bun, a client's unencrypted alert is reported as an unspecified handshake failure",
    file: "src/adapters/tls/tls_failures.ts",
    old: 'if (failure.reason !== "other" || !alert) return failure;',
    new: "if (failure !== undefined) return failure;",
    suites: promises("refuses the certificate before it encrypts"),
  },
  {
    name: "reset-behind-both-ends-is-one",
    planted: "a reset after both TLS ends have closed is reported",
    file: "src/adapters/tls/tls_socket.ts",
    old: "if (!isOver) this.#failure",
    new: "this.#failure",
    suites: promises("a reset behind the ends that both have said"),
  },
  {
    name: "broken-tls-is-a-reset",
    planted: "corrupt TLS data is reported as a generic failure of the runtime",
    file: "src/adapters/tls/tls_failures.ts",
    old: "return OF_TLS.test(`${code} ${message}`)",
    new: "return message === OF_TLS",
    suites: [{ file: "tests/tls/failures.test.ts" }],
  },
  {
    name: "starts-tls-twice",
    planted: "startTls on a TLS connection complains about its options first",
    file: "src/core/connection.ts",
    old: "    this.#checkMayStartTls(action);\n    const end",
    new: "    const end",
    suites: startings("began with it"),
  },
  {
    name: "pem-of-anything",
    planted: "a truncated certificate swallows the next one",
    file: "src/util/pem.ts",
    old:
      "if (!BASE64.test(base64) || base64.length % 4 !== 0) return undefined;",
    new: "",
    suites: [{ file: "tests/util/pem.test.ts" }],
  },
  {
    name: "pem-as-it-was-left",
    planted:
      "certificates are passed on unnormalized, which some runtimes cannot read",
    file: "src/api/options/tls_material.ts",
    old: 'replaceAll("X509 CERTIFICATE", CERTIFICATE);',
    new: 'replaceAll("X509 CERTIFICATE", CERTIFICATE) && text;',
    suites: promises("as editors and other programs leave them"),
  },
];
