/**
 * Framed echo, or a sink of messages, as a careful user would write it on the
 * runtime's bare sockets.
 */

import { Buffer } from "node:buffer";
import { serveFramed } from "./framed_stream.ts";
import { Framer, newAnswers } from "./framer.ts";
import {
  Bun,
  countOfBytes,
  Deno,
  IS_SINK,
  listenBun,
  listenDeno,
  listenNode,
  type NativeBunSocket,
  writeAll,
} from "./host.ts";

class Client {
  readonly answers = newAnswers();
  readonly framer = new Framer(this.answers.add);
  /** How many bytes of the answers have been written. */
  sent = 0;
  isPaused = false;
}

/**
 * Writes the pending answers. A socket that is full is paused until everything
 * is sent.
 */
function flushBun(socket: NativeBunSocket<Client>): void {
  const client = socket.data;
  const { answers, sent, isPaused } = client;
  if (answers.length === 0) return;
  const taken = socket.write(answers.bytes, sent, answers.length - sent);
  client.sent += Math.max(taken, 0);
  client.isPaused = client.sent < answers.length;
  if (!client.isPaused) {
    client.sent = 0;
    answers.length = 0;
  }
  if (client.isPaused === isPaused) return;
  if (isPaused) socket.resume();
  else socket.pause();
}

if (Bun !== undefined) {
  listenBun<Client>(Bun, {
    open(socket) {
      socket.data = new Client();
    },
    data(socket, chunk) {
      socket.data.framer.feed(chunk as Buffer, chunk.length);
      flushBun(socket);
    },
    drain: flushBun,
    end(socket) {
      if (IS_SINK) socket.write(countOfBytes(socket.data.answers.total));
      socket.shutdown();
    },
  });
} else if (Deno !== undefined) {
  await listenDeno(Deno, async (conn) => {
    const { answers, framer } = new Client();
    const buffer = Buffer.allocUnsafeSlow(64 * 1024);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      framer.feed(buffer, count);
      if (answers.length === 0) continue;
      await writeAll(conn, answers.bytes.subarray(0, answers.length));
      answers.length = 0;
    }
    if (IS_SINK) await writeAll(conn, countOfBytes(answers.total));
  });
} else {
  await listenNode(serveFramed);
}
