/**
 * Framed echo, or a sink of messages, as a careful user would write it on a
 * Node stream, with or without TLS.
 */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Framer, newAnswers } from "./framer.ts";
import { countOfBytes, IS_SINK } from "./host.ts";

export function serveFramed(socket: Socket): void {
  const answers = newAnswers();
  const framer = new Framer(answers.add);
  socket.on("data", (chunk: Buffer) => {
    framer.feed(chunk, chunk.length);
    if (answers.length === 0) return;
    const isFull = !socket.write(answers.bytes.subarray(0, answers.length));
    answers.length = 0;
    // The stream still holds the buffer, so it cannot be reused.
    if (socket.writableLength > 0) answers.bytes = Buffer.alloc(0);
    if (isFull) socket.pause();
  });
  socket.on("drain", () => void socket.resume());
  socket.on("end", () => {
    if (IS_SINK) socket.end(countOfBytes(answers.total));
    else socket.end();
  });
  socket.on("error", () => {});
}
