// @ts-check

import { once } from "node:events";
import net from "node:net";

const LOCAL = "127.0.0.1";

/** Resolves to a port that is not in use. */
export async function freePort() {
  const server = net.createServer().listen(0, LOCAL);
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves once something listens on `port`. */
export async function isUp(/** @type {number} */ port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, LOCAL);
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Nobody listens on port ${port}`);
}
