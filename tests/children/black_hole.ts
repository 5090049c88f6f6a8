/**
 * A thread that listens and never accepts: connecting to it, once its backlog is
 * full, takes for ever. It shares two numbers with who started it: it puts its
 * port into the second, and ends when the first is set. With a `path` it is a Unix
 * socket, whose port is told as 1.
 */

import { type AddressInfo, createServer } from "node:net";
import { workerData } from "node:worker_threads";

const { shared, path } = workerData as {
  readonly shared: Int32Array;
  readonly path: string | undefined;
};
const address = path === undefined ? { host: "127.0.0.1", port: 0 } : { path };
const server = createServer((socket) => socket.destroy());
server.listen({ ...address, backlog: 1 }, () => {
  const { port = 1 } = server.address() as Partial<AddressInfo>;
  Atomics.store(shared, 1, port);
  Atomics.notify(shared, 1);
  Atomics.wait(shared, 0, 0);
  server.close();
});
