import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * The members of a server's handle that are used here. Deno returns the
 * descriptor from a call.
 */
interface Handle {
  readonly fd?: number;
  fdForIpc?(): number;
}

interface BunHost {
  listen(options: object): {
    readonly fd: number;
    readonly port?: number;
    stop(): void;
  };
}

/** A listening socket for other processes. Nothing accepts here. */
export interface BoundSocket {
  readonly fd: number;
  /** Its port; undefined for a Unix socket. */
  readonly port: number | undefined;
  /** Processes that have inherited the socket can continue to use it. */
  close(): void;
}

/** Binds a port of this machine, or a path. */
export async function bindSocket(
  at: { readonly port: number } | { readonly path: string },
): Promise<BoundSocket> {
  const { Bun } = globalThis as unknown as { readonly Bun?: BunHost };
  if (Bun !== undefined) {
    const native = Bun.listen({
      ..."port" in at
        ? { hostname: "127.0.0.1", port: at.port }
        : { unix: at.path },
      socket: { data() {} },
    });
    return { fd: native.fd, port: native.port, close: () => native.stop() };
  }
  const server = createServer();
  server.listen("port" in at ? { host: "127.0.0.1", port: at.port } : at);
  await once(server, "listening");
  const { _handle: handle } = server as Server & { readonly _handle: Handle };
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port : undefined,
    fd: (handle.fd ?? handle.fdForIpc?.()) as number,
    close: () => void server.close(),
  };
}
