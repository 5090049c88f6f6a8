// @ts-check

import { once } from "node:events";
import net from "node:net";

/** Clients that keep sending PING to a server. */
export class Load {
  #timer;

  /** @param {import("node:net").Socket[]} sockets */
  constructor(sockets) {
    this.sockets = sockets;
    this.#timer = setInterval(() => {
      for (const socket of sockets) socket.write("PING\r\n");
    }, 50);
  }

  static async start(
    /** @type {number} */ port,
    /** @type {number} */ count,
  ) {
    const sockets = Array.from(
      { length: count },
      () => net.connect(port, "127.0.0.1"),
    );
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.resume();
      await once(socket, "connect");
    }
    return new Load(sockets);
  }

  stop() {
    clearInterval(this.#timer);
    for (const socket of this.sockets) socket.destroy();
  }
}
