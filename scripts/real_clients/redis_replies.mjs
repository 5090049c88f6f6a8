// @ts-check
//
// Asks a server of the protocol of Redis, and gives its replies as they are.

import { once } from "node:events";
import net from "node:net";

/** One connection; replies are texts whose characters are their bytes. */
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

  /** Sends a bad request, or several requests. */
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

  /** Resolves to the next reply, or to what came before the connection was closed. */
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

  /** Sends what is left, and FIN. */
  end(/** @type {string} */ text) {
    this.#socket.end(text, "latin1");
  }

  /** Resolves to all that comes until the connection is closed. */
  async rest() {
    if (!this.#isClosed) await once(this.#socket, "close");
    return this.#received;
  }

  close() {
    this.#socket.destroy();
  }
}

/** A request of these arguments, whose characters are bytes. */
export function requestOf(/** @type {string[]} */ args) {
  const parts = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

/** Where the reply that begins at `start` ends; 0 if it is not whole. */
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
