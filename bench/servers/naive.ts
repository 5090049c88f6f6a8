/**
 * Framed echo in the simplest possible way: chunks are concatenated, and each
 * message is a separate write.
 */

import { Buffer } from "node:buffer";
import { HEADER_SIZE } from "../framing.ts";
import {
  Bun,
  Deno,
  listenBun,
  listenDeno,
  listenNode,
  writeAll,
} from "./host.ts";

/** Splits a stream into messages. */
class Messages {
  #bytes: Buffer = Buffer.alloc(0);

  *add(chunk: Uint8Array): Iterable<Buffer> {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= HEADER_SIZE) {
      const size = this.#bytes.readUInt32LE(0);
      if (this.#bytes.length < size) break;
      yield this.#bytes.subarray(0, size);
      this.#bytes = this.#bytes.subarray(size);
    }
  }
}

/**
 * The state of a connection on Bun, with the bytes that the socket has not
 * accepted.
 */
interface Client {
  readonly messages: Messages;
  rest: Buffer;
}

if (Bun !== undefined) {
  listenBun<Client>(Bun, {
    open(socket) {
      socket.data = { messages: new Messages(), rest: Buffer.alloc(0) };
    },
    data(socket, chunk) {
      const client = socket.data;
      for (const message of client.messages.add(chunk)) {
        if (client.rest.length > 0) {
          client.rest = Buffer.concat([client.rest, message]);
          continue;
        }
        const taken = socket.write(message);
        client.rest = message.subarray(Math.max(taken, 0));
      }
    },
    drain(socket) {
      const { rest } = socket.data;
      if (rest.length === 0) return;
      socket.data.rest = rest.subarray(Math.max(socket.write(rest), 0));
    },
    end: (socket) => socket.shutdown(),
  });
} else if (Deno !== undefined) {
  await listenDeno(Deno, async (conn) => {
    const messages = new Messages();
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      for (const message of messages.add(buffer.subarray(0, count))) {
        await writeAll(conn, message);
      }
    }
  });
} else {
  await listenNode((socket) => {
    const messages = new Messages();
    socket.on("data", (chunk: Uint8Array) => {
      for (const message of messages.add(chunk)) socket.write(message);
    });
    socket.on("end", () => void socket.end());
    socket.on("error", () => {});
  });
}
