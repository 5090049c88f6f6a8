// @ts-check
//
// Queries a server of the Redis protocol, and returns its replies unparsed.

import { once } from "node:events";
import net from "node:net";

/** One connection. Replies are strings with one character per byte. */
export class RedisConnection {
  #socket;
  #received = "";
  /** @type {(() => void) | undefined} */
  #onData = undefined;
  #isClosed = false;

  /** @param {net.Socket} socket */
  constructor(socket) {
    this.#socket = socket.setEncoding("latin1");
    const wake = () => this.#onData?.();
    socket.on("data", (text) => {
      this.#received += text;
      wake();
    });
    socket.on("close", () => {
      this.#isClosed = true;
      wake();
    });
    socket.on("error", () => {});
  }

  static async open(/** @type {number} */ port) {
    const socket = net.connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RedisConnection(socket);
  }

  /** Sends a malformed request, or several requests. */
  write(/** @type {string} */ text) {
    this.#socket.write(text, "latin1");
  }

  send(/** @type {string[]} */ ...args) {
    this.write(requestOf(args));
  }

  /** Resolves to the reply. */
  async ask(/** @type {string[]} */ ...args) {
    this.send(...args);
    return await this.reply();
  }

  /**
   * Resolves to the next reply, or to the bytes that arrived before the
   * connection closed.
   */
  async reply() {
    for (;;) {
      const end = endOf(this.#received, 0);
      if (end > 0) {
        const reply = this.#received.slice(0, end);
        this.#received = this.#received.slice(end);
        return reply;
      }
      if (this.#isClosed) return `${this.#received}(closed)`;
      await new Promise((resolve) => this.#onData = () => resolve(undefined));
    }
  }

  /** Sends a last text, and FIN. */
  end(/** @type {string} */ text) {
    this.#socket.end(text, "latin1");
  }

  /** Resolves to everything that arrives until the connection closes. */
  async rest() {
    if (!this.#isClosed) await once(this.#socket, "close");
    return this.#received;
  }

  close() {
    this.#socket.destroy();
  }
}

/** Encodes a request; the characters of its arguments are bytes. */
export function requestOf(/** @type {string[]} */ args) {
  const parts = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

/** Returns the offset past the reply at `start`; 0 if it is incomplete. */
function endOf(
  /** @type {string} */ text,
  /** @type {number} */ start,
) {
  const line = text.indexOf("\r\n", start);
  if (line < 0) return 0;
  const kind = text[start];
  const count = Number(text.slice(start + 1, line));
  let at = line + 2;
  if (kind === "$" || kind === "=") {
    if (count >= 0) at += count + 2;
    return at <= text.length ? at : 0;
  }
  const parts = "*~>".includes(kind) ? count : kind === "%" ? 2 * count : 0;
  for (let i = 0; i < parts; i++) {
    at = endOf(text, at);
    if (at === 0) return 0;
  }
  return at;
}
