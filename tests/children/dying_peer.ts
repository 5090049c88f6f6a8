/** A process that connects to the port or path it is told, sends half a message, and is killed when it is answered. */

import { connect } from "node:net";
import process from "node:process";

const [, , where] = process.argv;
const socket = where.includes("/")
  ? connect({ path: where })
  : connect({ host: "127.0.0.1", port: Number(where) });
socket.on("connect", () => socket.write("half"));
socket.on("data", () => process.kill(process.pid, "SIGKILL"));
