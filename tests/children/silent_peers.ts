/**
 * A process that connects to a port as often as it is told, and says nothing there.
 * It prints a line when all have been connected, or refused, and ends when its input
 * does.
 */

import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";

/** So many connect at once. */
const WAVE = 250;

const [port, count] = process.argv.slice(2).map(Number);
process.stdin.on("end", () => process.exit());
process.stdin.resume();

for (let done = 0; done < count; done += WAVE) {
  const wave = Array.from({ length: WAVE }, () => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {}); // It is dropped.
    socket.resume();
    return once(socket, "connect").catch(() => {});
  });
  await Promise.all(wave);
}
console.log("met");
