/**
 * The control: what comes in goes out, on the bare sockets of the runtime, with
 * no framing, no queue and no check of short writes.
 */

import { reportWhenDone } from "./report_cpu.ts";

interface RawHost {
  Bun?: {
    listen(options: unknown): { port: number };
  };
  Deno?: {
    listen(options: unknown): {
      addr: { port: number };
      accept(): Promise<DenoConn>;
    };
  };
}

interface DenoConn {
  setNoDelay(): void;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

const { Bun, Deno } = globalThis as unknown as RawHost;
const { opened, closed, listening } = reportWhenDone();

if (Bun !== undefined) {
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: opened,
      data(socket: { write(bytes: Uint8Array): number }, chunk: Uint8Array) {
        socket.write(chunk);
      },
      close: closed,
    },
  });
  listening(server.port);
} else if (Deno !== undefined) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listening(listener.addr.port);
  for (;;) void echo(await listener.accept());
} else {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    opened();
    socket.setNoDelay(true);
    socket.on("data", (chunk) => void socket.write(chunk));
    socket.on("error", () => {});
    socket.on("close", closed);
  });
  server.listen(0, "127.0.0.1", () => {
    listening((server.address() as { port: number }).port);
  });
}

async function echo(conn: DenoConn): Promise<void> {
  opened();
  conn.setNoDelay();
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      await conn.write(buffer.subarray(0, count));
    }
  } catch {
    // The load generator is gone.
  }
  conn.close();
  closed();
}
