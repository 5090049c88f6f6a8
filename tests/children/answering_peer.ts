/**
 * A thread that connects to the port it is told and sends back what it receives.
 * It shares two numbers with who started it: in the first it counts the bytes
 * that are on their way back, from 1 when it is connected; it reads nothing
 * before the second is set. It ends with the connection.
 */

import { connect } from "node:net";
import { workerData } from "node:worker_threads";

const { port, shared } = workerData as { port: number; shared: Int32Array };

function count(by: number): void {
  Atomics.add(shared, 0, by);
  Atomics.notify(shared, 0);
}

const socket = connect({ host: "127.0.0.1", port });
socket.on("connect", () => {
  count(1);
  Atomics.wait(shared, 1, 0);
});
socket.on("data", (bytes) => {
  socket.write(bytes, () => count(bytes.length));
});
socket.on("error", () => {}); // it ends
