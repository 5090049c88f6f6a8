// @ts-check

const OWN = [{ file: "tests/websocket/host_sockets.test.ts" }];
const SIMULATED = [{ file: "tests/websocket/simulated.test.ts" }];
const CHAT = [{ file: "tests/examples/chat.test.ts" }];

/** The promises of connections, over WebSockets. */
const promises = (/** @type {string} */ names) => [
  { file: "tests/websocket/transport.test.ts", only: names },
];

/**
 * Bugs of WebSockets, and of upgrades.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const webSocketMutants = [
  {
    name: "web-socket-any-origin",
    planted: "pages of any host may connect whose name begins with this one's",
    file: "src/entries/websocket/server_upgrade.ts",
    old: 'return host !== undefined && host === headers.get("host");',
    new:
      'return host !== undefined && host.startsWith(headers.get("host") ?? "");',
    suites: OWN,
  },
  {
    name: "web-socket-any-path",
    planted: "a WebSocket is at every path",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (head.path !== path) return",
    new: "if (false) return",
    suites: OWN,
  },
  {
    name: "web-socket-endless-head",
    planted: "the head of a request may be of any size",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!isNone && !isTooLarge) return;",
    new: "if (!isNone) return;",
    suites: OWN,
  },
  {
    name: "web-socket-body",
    planted: "a request with a body is taken for one without",
    file: "src/entries/websocket/request_head.ts",
    old: 'if (hasBody || !headers.has("host")) return undefined;',
    new: 'if (!headers.has("host")) return undefined;',
    suites: OWN,
  },
  {
    name: "web-socket-slow-handshake",
    planted: "a handshake may take for ever",
    file: "src/core/upgrade_handshake.ts",
    old: "loop.arm(this.#timeout, this.#timeoutMs);",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-page-dropped",
    planted: "who asks for a page counts as dropped",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (this.#isAnswered) events.onAnswered();",
    new: "if (false) events.onAnswered();",
    suites: OWN,
  },
  {
    name: "web-socket-deaf",
    planted: "a peer that sends only bytes of a message counts as silent",
    file: "src/entries/websocket/pings.ts",
    old: "if (bytesRead !== this.#seen || isStopped) return this.#wait();",
    new: "if (isStopped) return this.#wait();",
    suites: OWN,
  },
  {
    name: "web-socket-polite-to-the-dead",
    planted: "a ping that is not answered is asked again for ever",
    file: "src/entries/websocket/pings.ts",
    old: "if (this.#isAsking) return this.#pinged.onNoPong();",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-says-all",
    planted: "a peer is told the code of an internal error for every reason",
    file: "src/entries/websocket/close_codes.ts",
    old: "if (isTooLarge) return CloseCode.TooLarge;",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-pongs-pile-up",
    planted: "every ping is answered, though the answer before is not out",
    file: "src/entries/websocket/pongs.ts",
    old: "if (this.#isSending) this.#next = own;",
    new: "if (false) this.#next = own;",
    suites: SIMULATED,
  },
  {
    name: "web-socket-deaf-in-a-pause",
    planted: "pings are not answered in a pause",
    file: "src/entries/websocket/inflow.ts",
    old: "if (this.#held.size > 0) this.#stop();",
    new: "this.#stop();",
    suites: SIMULATED,
  },
  {
    name: "web-socket-refused-is-late",
    planted:
      "a client that is refused and does not leave is told as a slow one",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "this.#farewell.arm(FAREWELL_MS);",
    new: "",
    suites: SIMULATED,
  },
  {
    name: "web-socket-cut-is-an-end",
    planted: "a connection that ends without a close frame ends cleanly",
    file: "src/entries/websocket/web_socket.ts",
    old: "const isCut = !this.#hasPeerClosed && !this.#isDestroyed;",
    new: "const isCut = false;",
    suites: OWN,
  },
  {
    name: "web-socket-answers-at-once",
    planted: "a close frame is answered before what is queued is out",
    file: "src/entries/websocket/web_socket.ts",
    old: "if (this.#hasFinished || this.#failure !== undefined) {",
    new: "if (true) {",
    suites: promises("half-close"),
  },
  {
    name: "web-socket-large-messages",
    planted: "what is sent goes out as one message, however large",
    file: "src/entries/websocket/web_socket.ts",
    old: "const bytes = this.#unsent.subarray(0, MAX_MESSAGE);",
    new: "const bytes = this.#unsent;",
    suites: OWN,
  },
  {
    name: "web-socket-shared-chunk",
    planted: "messages are handed out with what lies beside them",
    file: "src/entries/websocket/inflow.ts",
    old: "const own = isShared ? new Uint8Array(bytes) : bytes;",
    new: "const own = bytes;",
    suites: promises("transfers the buffer"),
  },
  {
    name: "web-socket-not-paused",
    planted: "messages that came with the last one are handed out in a pause",
    file: "src/entries/websocket/inflow.ts",
    old: "if (!this.#isPaused && this.#held.size === 0) {",
    new: "if (true) {",
    suites: OWN,
  },
  {
    name: "chat-name-of-two",
    planted: "two who chat have one name",
    file: "examples/chat/chat.ts",
    old: "if (this.#names.has(key)) return false;",
    new: "",
    suites: CHAT,
  },
  {
    name: "web-socket-any-code",
    planted: "a close frame has a code that none may have",
    file: "src/entries/websocket/close_codes.ts",
    old: "![1004, 1005, 1006].includes(code)",
    new: "code !== 0",
    suites: OWN,
  },
  {
    name: "web-socket-text-by-characters",
    planted: "a close frame has more bytes of text than fit",
    file: "src/entries/websocket/close_codes.ts",
    old: "new TextEncoder().encode(reason.text).length <= MAX_TEXT",
    new: "reason.text.length <= MAX_TEXT",
    suites: OWN,
  },
  {
    name: "web-socket-two-hosts",
    planted: "a request that names two hosts is taken for one that names one",
    file: "src/entries/websocket/request_head.ts",
    old: "if (before !== undefined && SINGLE.has(name)) return undefined;",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-head-with-body",
    planted: "who asks for the head of a page gets its body, too",
    file: "src/entries/websocket/responses.ts",
    old: 'return method === "HEAD" ? head : concatBytes(head, content);',
    new: "return concatBytes(head, content);",
    suites: OWN,
  },
  {
    name: "web-socket-preference-of-the-client",
    planted:
      "of the subprotocols in common that is taken which the client prefers",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "protocols.find((one) => offered.has(one)) ?? false",
    new: "[...offered].find((one) => protocols.includes(one)) ?? false",
    suites: OWN,
  },
  {
    name: "web-socket-page-by-any-method",
    planted: "a page is served to who asks by any method",
    file: "src/entries/websocket/server_upgrade.ts",
    old: 'if (method !== "GET" && method !== "HEAD") {',
    new: "if (false) {",
    suites: OWN,
  },
  {
    name: "web-socket-upgrade-unasked",
    planted:
      "a connection becomes a WebSocket that does not ask for an upgrade",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!/(?:^|,)\\s*upgrade\\s*(?:,|$)/i.test(connection)) {",
    new: "if (!/upgrade/i.test(connection)) {",
    suites: OWN,
  },
  {
    name: "web-socket-too-large-is-a-breach",
    planted: "a message that is too large is told as a breach of the protocol",
    file: "src/entries/websocket/web_socket.ts",
    old: "const excess = TOO_LARGE.includes(code)",
    new: "const excess = false",
    suites: OWN,
  },
  {
    name: "web-socket-status-untold",
    planted: "a client that is refused is not told the status",
    file: "src/entries/websocket/client_upgrade.ts",
    old: "this.#fail(why, { status: statusCode });",
    new: "this.#fail(why, {});",
    suites: OWN,
  },
  {
    name: "web-socket-heard-after-the-end",
    planted:
      "messages that came with the last are handed out to who has aborted",
    file: "src/entries/websocket/inflow.ts",
    old: "if (bytes.length === 0 || this.#isClosed) return;",
    new: "if (bytes.length === 0) return;",
    suites: [{ file: "tests/websocket/parts.test.ts" }],
  },
  {
    name: "web-socket-pong-any-time",
    planted: "an answer to a ping is waited for as long as between two pings",
    file: "src/entries/websocket/pings.ts",
    old: "this.#limit.arm(this.#settings.pongTimeoutMs);",
    new: "this.#limit.arm(this.#settings.pingIntervalMs);",
    suites: SIMULATED,
  },
  {
    name: "web-socket-ping-keeps-its-read",
    planted: "the answer to a ping keeps all that was read with it",
    file: "src/entries/websocket/pongs.ts",
    old: "const own = payload.slice();",
    new: "const own = payload;",
    suites: [{ file: "tests/websocket/parts.test.ts" }],
  },
  {
    name: "fragments-blamed",
    planted: "a message of too many fragments is a breach of the protocol",
    file: "src/entries/websocket/web_socket.ts",
    old: ": code === TOO_MANY_PARTS",
    new: ": false",
    suites: [{
      file: "tests/websocket/host_sockets.test.ts",
      only: "a message of 20,000 fragments",
    }],
  },
  {
    name: "no-http-waited-for",
    planted:
      "a client that speaks TLS to a plain WebSocket server waits for its time limit",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!isNone && !isTooLarge) return;",
    new: "if (!isTooLarge) return;",
    suites: [{
      file: "tests/websocket/host_sockets.test.ts",
      only: "by the beginning of TLS",
    }],
  },
];
