// @ts-check

const OWN = [{ file: "tests/websocket/host_sockets.test.ts" }];
const SIMULATED = [{ file: "tests/websocket/simulated.test.ts" }];
const CHAT = [{ file: "tests/examples/chat.test.ts" }];

/** The promises of connections, over WebSockets. */
const promises = (/** @type {string} */ names) => [
  { file: "tests/websocket/transport.test.ts", only: names },
];

/**
 * Bugs in WebSockets, and in upgrades.
 *
 * @type {import("../mutants.mjs").Mutant[]}
 */
export const webSocketMutants = [
  {
    name: "web-socket-any-origin",
    planted:
      "pages of any host may connect whose name begins with the server's",
    file: "src/entries/websocket/server_upgrade.ts",
    old: 'return host !== undefined && host === headers.get("host");',
    new:
      'return host !== undefined && host.startsWith(headers.get("host") ?? "");',
    suites: OWN,
  },
  {
    name: "web-socket-any-path",
    planted: "a WebSocket is accepted on every path",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (head.path !== path) return",
    new: "if (false) return",
    suites: OWN,
  },
  {
    name: "web-socket-endless-head",
    planted: "the head of a request may have any size",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!isNone && !isTooLarge) return;",
    new: "if (!isNone) return;",
    suites: OWN,
  },
  {
    name: "web-socket-body",
    planted: "a request with a body is accepted as one without",
    file: "src/entries/websocket/request_head.ts",
    old: 'if (hasBody || !headers.has("host")) return undefined;',
    new: 'if (!headers.has("host")) return undefined;',
    suites: OWN,
  },
  {
    name: "web-socket-slow-handshake",
    planted: "a WebSocket handshake has no time limit",
    file: "src/core/upgrade_handshake.ts",
    old: "loop.arm(this.#timeout, this.#timeoutMs);",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-page-dropped",
    planted: "a client that requests a page counts as dropped",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (this.#isAnswered) events.onAnswered();",
    new: "if (false) events.onAnswered();",
    suites: OWN,
  },
  {
    name: "web-socket-deaf",
    planted: "a peer that is sending part of a message counts as silent",
    file: "src/entries/websocket/pings.ts",
    old: "if (bytesRead !== this.#seen || isStopped) return this.#wait();",
    new: "if (isStopped) return this.#wait();",
    suites: OWN,
  },
  {
    name: "web-socket-polite-to-the-dead",
    planted: "an unanswered ping is repeated for ever",
    file: "src/entries/websocket/pings.ts",
    old: "if (this.#isAsking) return this.#pinged.onNoPong();",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-says-all",
    planted:
      "a message that is too large is closed with the code for an internal error",
    file: "src/entries/websocket/close_codes.ts",
    old: "if (isTooLarge) return CloseCode.TooLarge;",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-pongs-pile-up",
    planted: "every ping is answered although the previous pong is not out yet",
    file: "src/entries/websocket/pongs.ts",
    old: "if (this.#isSending) this.#next = own;",
    new: "if (false) this.#next = own;",
    suites: SIMULATED,
  },
  {
    name: "web-socket-deaf-in-a-pause",
    planted: "pings are not answered during a pause",
    file: "src/entries/websocket/inflow.ts",
    old: "if (this.#held.size > 0) this.#stop();",
    new: "this.#stop();",
    suites: SIMULATED,
  },
  {
    name: "web-socket-refused-is-late",
    planted: "a refused client that does not leave is reported as a slow one",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "this.#farewell.arm(FAREWELL_MS);",
    new: "",
    suites: SIMULATED,
  },
  {
    name: "web-socket-cut-is-an-end",
    planted:
      "a connection that ends without a close frame counts as a clean end",
    file: "src/entries/websocket/web_socket.ts",
    old: "const isCut = !this.#hasPeerClosed && !this.#isDestroyed;",
    new: "const isCut = false;",
    suites: OWN,
  },
  {
    name: "web-socket-answers-at-once",
    planted: "a close frame is answered before the queue is out",
    file: "src/entries/websocket/web_socket.ts",
    old: "if (this.#hasFinished || this.#failure !== undefined) {",
    new: "if (true) {",
    suites: promises("half-close"),
  },
  {
    name: "web-socket-large-messages",
    planted: "a send goes out as one message, however large",
    file: "src/entries/websocket/web_socket.ts",
    old: "const bytes = this.#unsent.subarray(0, LARGEST_SENT_MESSAGE);",
    new: "const bytes = this.#unsent;",
    suites: OWN,
  },
  {
    name: "web-socket-shared-chunk",
    planted: "a message is delivered in a buffer that it shares with others",
    file: "src/entries/websocket/inflow.ts",
    old: "const own = isShared ? new Uint8Array(bytes) : bytes;",
    new: "const own = bytes;",
    suites: promises("transfers the buffer"),
  },
  {
    name: "web-socket-not-paused",
    planted:
      "messages that arrived with the last one are delivered during a pause",
    file: "src/entries/websocket/inflow.ts",
    old: "if (!this.#isPaused && this.#held.size === 0) {",
    new: "if (true) {",
    suites: OWN,
  },
  {
    name: "chat-name-of-two",
    planted: "two chat users may have the same name",
    file: "examples/chat/chat.ts",
    old: "if (this.#names.has(key)) return false;",
    new: "",
    suites: CHAT,
  },
  {
    name: "web-socket-any-code",
    planted: "a close frame may carry a reserved code",
    file: "src/entries/websocket/close_codes.ts",
    old: "![1004, 1005, 1006].includes(code)",
    new: "code !== 0",
    suites: OWN,
  },
  {
    name: "web-socket-text-by-characters",
    planted: "the text of a close frame may exceed its limit in bytes",
    file: "src/entries/websocket/close_codes.ts",
    old: "new TextEncoder().encode(reason.text).length <= MAX_TEXT",
    new: "reason.text.length <= MAX_TEXT",
    suites: OWN,
  },
  {
    name: "web-socket-two-hosts",
    planted: "a request with two Host fields is accepted",
    file: "src/entries/websocket/request_head.ts",
    old: "if (before !== undefined && SINGLE.has(name)) return undefined;",
    new: "",
    suites: OWN,
  },
  {
    name: "web-socket-head-with-body",
    planted: "a HEAD request for a page is answered with a body",
    file: "src/entries/websocket/responses.ts",
    old: 'return method === "HEAD" ? head : concatBytes(head, content);',
    new: "return concatBytes(head, content);",
    suites: OWN,
  },
  {
    name: "web-socket-preference-of-the-client",
    planted: "the client's preference decides between common subprotocols",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "protocols.find((one) => offered.has(one)) ?? false",
    new: "[...offered].find((one) => protocols.includes(one)) ?? false",
    suites: OWN,
  },
  {
    name: "web-socket-page-by-any-method",
    planted: "a page is served for any method",
    file: "src/entries/websocket/server_upgrade.ts",
    old: 'if (method !== "GET" && method !== "HEAD") {',
    new: "if (false) {",
    suites: OWN,
  },
  {
    name: "web-socket-upgrade-unasked",
    planted: "a connection is upgraded although its client did not ask for it",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!/(?:^|,)\\s*upgrade\\s*(?:,|$)/i.test(connection)) {",
    new: "if (!/upgrade/i.test(connection)) {",
    suites: OWN,
  },
  {
    name: "web-socket-too-large-is-a-breach",
    planted: "a message that is too large is reported as a protocol violation",
    file: "src/entries/websocket/web_socket.ts",
    old: "const excess = TOO_LARGE.includes(code)",
    new: "const excess = false",
    suites: OWN,
  },
  {
    name: "web-socket-status-untold",
    planted: "a refused client is not told the HTTP status",
    file: "src/entries/websocket/client_upgrade.ts",
    old: "this.#fail(why, { status: statusCode });",
    new: "this.#fail(why, {});",
    suites: OWN,
  },
  {
    name: "web-socket-heard-after-the-end",
    planted:
      "messages that arrived with the last one are delivered after an abort",
    file: "src/entries/websocket/inflow.ts",
    old: "if (bytes.length === 0 || this.#isDropped) return;",
    new: "if (bytes.length === 0) return;",
    suites: [{ file: "tests/websocket/parts.test.ts" }],
  },
  {
    name: "web-socket-end-passes-a-pause",
    planted: "an end that comes in a pause does not stop reading behind it",
    file: "src/entries/websocket/inflow.ts",
    old: "if (this.#isPaused) this.#stop();\n    else this.#deliver();",
    new: "this.#deliver();",
    suites: [{ file: "tests/websocket/parts.test.ts" }],
  },
  {
    name: "web-socket-close-passes-a-pause",
    planted:
      "a close is reported in a pause, and what the pause held back is lost",
    file: "src/entries/websocket/web_socket.ts",
    old: "this.#inflow.finish(() => this.#reportClose());",
    new: "this.#reportClose();",
    suites: promises("after end"),
  },
  {
    name: "web-socket-held-close-outlives-an-abort",
    planted: "an abort while a close is held back is never reported",
    file: "src/entries/websocket/web_socket.ts",
    old: "outsideAsyncContext(queueMicrotask, () => this.#reportClose());",
    new: "",
    suites: promises("after end"),
  },
  {
    name: "web-socket-pong-any-time",
    planted: "a pong is awaited for the ping interval, not for pongTimeoutMs",
    file: "src/entries/websocket/pings.ts",
    old: "this.#limit.arm(this.#settings.pongTimeoutMs);",
    new: "this.#limit.arm(this.#settings.pingIntervalMs);",
    suites: SIMULATED,
  },
  {
    name: "web-socket-ping-keeps-its-read",
    planted: "a pong keeps the whole read of its ping in memory",
    file: "src/entries/websocket/pongs.ts",
    old: "const own = payload.slice();",
    new: "const own = payload;",
    suites: [{ file: "tests/websocket/parts.test.ts" }],
  },
  {
    name: "fragments-blamed",
    planted:
      "a message with too many fragments is reported as a protocol violation",
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
      "a client that speaks TLS to a plain WebSocket server is held until its time limit",
    file: "src/entries/websocket/server_upgrade.ts",
    old: "if (!isNone && !isTooLarge) return;",
    new: "if (!isTooLarge) return;",
    suites: [{
      file: "tests/websocket/host_sockets.test.ts",
      only: "by the beginning of TLS",
    }],
  },
];
