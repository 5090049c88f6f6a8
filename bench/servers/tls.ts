/** Echo in TLS without framing: by `node:tls`, as one writes it first, or by the TLS that the runtime has of its own. */

import { Buffer } from "node:buffer";
import process from "node:process";
import { server as credential } from "../../tests/support/certificates.ts";
import { announce, Bun, type BunSocket, Deno, listenBun } from "./host.ts";
import { serveDeno, writeAll } from "./host.ts";

/** True if the server is to use the runtime's own TLS. */
const IS_NATIVE = process.argv.includes("--native");

/** The bytes that a full socket of Bun has not taken. */
type Rest = Uint8Array | undefined;

function send(socket: BunSocket<Rest>, bytes: Uint8Array): void {
  const taken = Math.max(socket.write(bytes), 0);
  socket.data = taken < bytes.length ? bytes.subarray(taken) : undefined;
}

async function listenByNode(): Promise<void> {
  const { createServer } = await import("node:tls");
  const options = { ...credential, allowHalfOpen: true, noDelay: true };
  const server = createServer(options, (socket) => {
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("end", () => socket.end());
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1", () => {
    announce({ port: (server.address() as { port: number }).port });
  });
}

if (!IS_NATIVE) await listenByNode();
else if (Bun !== undefined) {
  listenBun<Rest>(Bun, {
    data(socket, chunk) {
      const { data: rest } = socket;
      if (rest === undefined) send(socket, chunk);
      else socket.data = Buffer.concat([rest, chunk]);
    },
    drain(socket) {
      if (socket.data !== undefined) send(socket, socket.data);
    },
    end: (socket) => socket.shutdown(),
  }, credential);
} else if (Deno !== undefined) {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    ...credential,
  });
  await serveDeno(listener, async (conn) => {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      await writeAll(conn, buffer.subarray(0, count));
    }
  });
} else throw new Error("Node has no other TLS than node:tls");
