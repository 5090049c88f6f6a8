/** A process that connects to the port it is told, sends half a message, and is killed when it is answered. */

import { connect } from "node:net";
import process from "node:process";

const socket = connect({ host: "127.0.0.1", port: Number(process.argv[2]) });
socket.on("connect", () => socket.write("half"));
socket.on("data", () => process.kill(process.pid, "SIGKILL"));
