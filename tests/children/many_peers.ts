/**
 * A thread that connects as often as it is told, has each connection write a
 * byte when the first of the numbers that it shares is set, and counts those
 * that have written in the second.
 */

import { connect, type Socket } from "node:net";
import { workerData } from "node:worker_threads";

const { port, count, shared } = workerData as {
  port: number;
  count: number;
  shared: Int32Array;
};

const sockets: Socket[] = [];
let open = 0;
for (let i = 0; i < count; i++) {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("connect", () => {
    if (++open === count) write();
  });
  sockets.push(socket);
}

function write(): void {
  Atomics.wait(shared, 0, 0);
  for (const socket of sockets) {
    socket.write("x", () => void Atomics.add(shared, 1, 1));
  }
}
