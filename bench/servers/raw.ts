/**
 * The upper bound: echoes or counts bytes on the runtime's bare sockets,
 * without framing.
 */

import { Buffer } from "node:buffer";
import process from "node:process";

import {
  Bun,
  type BunHandlers,
  countOfBytes,
  Deno,
  IS_SINK,
  listenBun,
  listenDeno,
  listenNode,
  type NativeBunSocket,
  writeAll,
} from "./host.ts";

/**
 * On Bun, spends 400 ns before each write, to show the cost of any work at this
 * point.
 */
const IS_LATE = process.argv.includes("--late");

function wait(): void {
  const end = Bun!.nanoseconds() + 400;
  while (Bun!.nanoseconds() < end);
}

/** The bytes that a full socket of Bun has not accepted. */
type Rest = Uint8Array | undefined;

const bunEcho: BunHandlers<Rest> = {
  data(socket, chunk) {
    if (socket.data !== undefined) {
      socket.data = Buffer.concat([socket.data, chunk]);
      return;
    }
    if (IS_LATE) wait();
    const taken = socket.write(chunk);
    if (taken < chunk.length) keep(socket, chunk, taken);
  },
  drain(socket) {
    const rest = socket.data;
    if (rest === undefined) return;
    socket.data = undefined;
    const taken = socket.write(rest);
    if (taken < rest.length) keep(socket, rest, taken);
  },
  end: (socket) => socket.shutdown(),
};

function keep(
  socket: NativeBunSocket<Rest>,
  bytes: Uint8Array,
  taken: number,
): void {
  socket.data = bytes.subarray(Math.max(taken, 0));
}

const bunSink: BunHandlers<number> = {
  open(socket) {
    socket.data = 0;
  },
  data(socket, chunk) {
    socket.data += chunk.length;
  },
  end(socket) {
    socket.write(countOfBytes(socket.data));
    socket.shutdown();
  },
};

if (Bun !== undefined) {
  if (IS_SINK) listenBun(Bun, bunSink);
  else listenBun(Bun, bunEcho);
} else if (Deno !== undefined) {
  await listenDeno(Deno, async (conn) => {
    const buffer = new Uint8Array(64 * 1024);
    let total = 0;
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      total += count;
      if (!IS_SINK) await writeAll(conn, buffer.subarray(0, count));
    }
    if (IS_SINK) await writeAll(conn, countOfBytes(total));
  });
} else {
  await listenNode((socket) => {
    let total = 0;
    socket.on("data", (chunk: Uint8Array) => {
      total += chunk.length;
      if (!IS_SINK) socket.write(chunk);
    });
    socket.on("end", () => {
      if (IS_SINK) socket.end(countOfBytes(total));
      else socket.end();
    });
    socket.on("error", () => {});
  });
}
