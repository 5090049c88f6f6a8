/**
 * A thread that listens and never accepts: connecting to it, once its backlog is
 * full, takes for ever. It shares two numbers with who started it: it puts its
 * port into the second, and ends when the first is set.
 */

import { type AddressInfo, createServer } from "node:net";
import { workerData } from "node:worker_threads";

const shared = workerData as Int32Array;
const server = createServer((socket) => socket.destroy());
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  Atomics.store(shared, 1, (server.address() as AddressInfo).port);
  Atomics.notify(shared, 1);
  Atomics.wait(shared, 0, 0);
  server.close();
});
