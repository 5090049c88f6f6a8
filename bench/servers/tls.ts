/**
 * Echo over TLS: with `node:tls` in the simplest way, with careful framing, or
 * over a `Deno.Conn`; or with the runtime's own TLS.
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { Duplex } from "node:stream";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { server as credential } from "../../tests/support/certificates.ts";
import { serveFramed } from "./framed_stream.ts";
import {
  announce,
  Bun,
  Deno,
  type DenoConn,
  listenBun,
  listenDeno,
  type NativeBunSocket,
  serveDeno,
  writeAll,
} from "./host.ts";

/** True to use the runtime's own TLS. */
const IS_NATIVE = process.argv.includes("--native");

/**
 * True to split the bytes read from `node:tls` into messages, as Reactio does.
 */
const IS_FRAMED = process.argv.includes("--framed");

/**
 * True to use `node:tls` over connections of `Deno.listen`, as Reactio does
 * there.
 */
const IS_OVER_CONN = process.argv.includes("--over-conn");

const BUFFER_SIZE = 64 * 1024;

/** The bytes that a full socket of Bun has not accepted. */
type Rest = Uint8Array | undefined;

function send(socket: NativeBunSocket<Rest>, bytes: Uint8Array): void {
  const taken = Math.max(socket.write(bytes), 0);
  socket.data = taken < bytes.length ? bytes.subarray(taken) : undefined;
}

/** Creates a `node:tls` server that does not listen yet. */
function newServer(): Server {
  const options = { ...credential, allowHalfOpen: true, noDelay: true };
  return createServer(options, IS_FRAMED ? serveFramed : serveUnframed);
}

function serveUnframed(socket: TLSSocket): void {
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("end", () => socket.end());
  socket.on("error", () => {});
}

function listenByNode(): void {
  const server = newServer();
  server.listen(0, "127.0.0.1", () => {
    announce({ port: (server.address() as { port: number }).port });
  });
}

/** The simplest stream that `node:tls` accepts as a transport. */
function streamOver(conn: DenoConn): Duplex {
  const stream = new Duplex({
    read() {
      const buffer = new Uint8Array(BUFFER_SIZE);
      conn.read(buffer).then(
        (count) => stream.push(count && buffer.subarray(0, count)),
        (error) => stream.destroy(error),
      );
    },
    write(chunk, _encoding, done) {
      writeAll(conn, chunk).then(() => done(), done);
    },
  });
  // TLS destroys the stream just before it calls the last callback.
  const { destroy } = stream;
  stream.destroy = (error) => {
    setImmediate(() => destroy.call(stream, error));
    return stream;
  };
  return stream;
}

if (IS_OVER_CONN && Deno !== undefined) {
  const server = newServer();
  await listenDeno(Deno, (conn) => {
    const stream = streamOver(conn);
    server.emit("connection", stream);
    return new Promise((resolve) => stream.on("close", resolve));
  });
} else if (!IS_NATIVE) listenByNode();
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
    const buffer = new Uint8Array(BUFFER_SIZE);
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      await writeAll(conn, buffer.subarray(0, count));
    }
  });
} else throw new Error("Node has no other TLS than node:tls");
