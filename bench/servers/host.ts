/** The members of the runtimes that the servers use, and the servers' flags. */

import process from "node:process";

/** The members of Bun's sockets that are used here; `data` is ours. */
export interface NativeBunSocket<T> {
  data: T;
  /** Returns how much the kernel accepted; -1 if the connection is closed. */
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  pause(): void;
  resume(): void;
  /** Sends FIN. */
  shutdown(): void;
}

export interface BunHandlers<T> {
  open?(socket: NativeBunSocket<T>): void;
  data(socket: NativeBunSocket<T>, chunk: Uint8Array): void;
  drain?(socket: NativeBunSocket<T>): void;
  end?(socket: NativeBunSocket<T>): void;
}

interface BunHost {
  nanoseconds(): number;
  listen<T>(
    options:
      & ({ hostname: string; port: number } | { unix: string })
      & {
        allowHalfOpen: boolean;
        socket: BunHandlers<T>;
        tls?: { cert: string; key: string };
      },
  ): { port: number };
}

export interface DenoConn {
  setNoDelay?(): void;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

interface NativeDenoListener {
  addr: { port: number };
  accept(): Promise<DenoConn>;
}

interface DenoHost {
  listen(
    options: { hostname: string; port: number } | {
      transport: "unix";
      path: string;
    },
  ): NativeDenoListener;
  listenTls(
    options: { hostname: string; port: number; cert: string; key: string },
  ): NativeDenoListener;
}

const hosts = globalThis as unknown as { Bun?: BunHost; Deno?: DenoHost };

/** True to use `node:net` although the runtime has its own sockets. */
export const USES_NODE_NET = process.argv.includes("--node-net");

/** `Bun`, if its sockets are to be used. */
export const Bun = USES_NODE_NET ? undefined : hosts.Bun;

/** `Deno`, if its sockets are to be used. */
export const Deno = USES_NODE_NET ? undefined : hosts.Deno;

/** True to count messages instead of answering them. */
export const IS_SINK = process.argv.includes("--sink");

/** True to decode each message and encode its answer. */
export const IS_ENCODED = process.argv.includes("--encoded");

/**
 * The path of the Unix socket to listen on; undefined for a TCP port that the
 * system chooses.
 */
export const UNIX_PATH: string | undefined = process.argv
  .find((flag) => flag.startsWith("--unix="))?.slice("--unix=".length);

/** True to use TLS. */
export const IS_TLS = process.argv.includes("--tls");

/** Where a server listens. */
export interface ListenAddress {
  readonly port?: number;
  /** The path, for a Unix socket. */
  readonly path?: string | undefined;
}

/** The first line that a server prints. */
export interface Announcement extends ListenAddress {
  readonly pid: number;
}

/** Tells the parent process where this server listens. */
export function announce(address: ListenAddress): void {
  console.log(JSON.stringify({ ...address, pid: process.pid }));
  if (process.argv.includes("--probe")) answerProbes();
}

/** The answer to a line on standard input; sizes in bytes. */
export interface MemoryReport {
  readonly rss: number;
  /** The engine's heap, without memory that its objects hold elsewhere. */
  readonly heap: number;
  readonly external: number;
}

/** For each line on stdin, collects garbage and reports the memory in use. */
function answerProbes(): void {
  process.stdin.on("data", () => {
    const { Bun, gc } = globalThis as unknown as {
      Bun?: { gc(synchronous: boolean): void };
      gc?: () => void;
    };
    if (Bun !== undefined) Bun.gc(true);
    else gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    // Bun also counts memory outside of the heap.
    const heap = Bun === undefined ? heapUsed : heapUsed - external;
    const report: MemoryReport = { rss, heap, external };
    console.log(JSON.stringify(report));
  });
}

/**
 * A sink's answer to FIN: the number of received bytes, in 8 bytes
 * little-endian.
 */
export function countOfBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count), true);
  return bytes;
}

/** Listens with `node:net`. */
export async function listenNode(
  serve: (socket: import("node:net").Socket) => void,
): Promise<void> {
  const { createServer } = await import("node:net");
  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
  if (UNIX_PATH !== undefined) {
    server.listen(UNIX_PATH, () => announce({ path: UNIX_PATH }));
    return;
  }
  server.listen(0, "127.0.0.1", () => {
    announce({ port: (server.address() as { port: number }).port });
  });
}

/** Listens with `Bun.listen`, optionally with TLS. */
export function listenBun<T>(
  host: BunHost,
  socket: BunHandlers<T>,
  tls?: { cert: string; key: string },
): void {
  const common = { allowHalfOpen: true, socket, ...(tls && { tls }) };
  if (UNIX_PATH !== undefined) {
    host.listen({ unix: UNIX_PATH, ...common });
    return announce({ path: UNIX_PATH });
  }
  const { port } = host.listen({ hostname: "127.0.0.1", port: 0, ...common });
  announce({ port });
}

/** Listens with `Deno.listen`; `serve` returns when the connection ends. */
export async function listenDeno(
  host: DenoHost,
  serve: (conn: DenoConn) => Promise<void>,
): Promise<void> {
  const listener = UNIX_PATH === undefined
    ? host.listen({ hostname: "127.0.0.1", port: 0 })
    : host.listen({ transport: "unix", path: UNIX_PATH });
  await serveDeno(listener, serve);
}

/** Serves accepted connections; `serve` returns when the connection ends. */
export async function serveDeno(
  listener: NativeDenoListener,
  serve: (conn: DenoConn) => Promise<void>,
): Promise<void> {
  const path = UNIX_PATH;
  announce(path === undefined ? { port: listener.addr.port } : { path });
  for (;;) void serveUntilClosed(await listener.accept(), serve);
}

async function serveUntilClosed(
  conn: DenoConn,
  serve: (conn: DenoConn) => Promise<void>,
): Promise<void> {
  conn.setNoDelay?.();
  try {
    await serve(conn);
  } catch {
    // The load generator has closed the connection.
  }
  conn.close();
}

/** Writes all of `bytes`. */
export async function writeAll(
  conn: DenoConn,
  bytes: Uint8Array,
): Promise<void> {
  let taken = await conn.write(bytes);
  while (taken < bytes.length) taken += await conn.write(bytes.subarray(taken));
}
