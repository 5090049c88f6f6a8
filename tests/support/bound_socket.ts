import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** What is used of the handle of a server: Deno has the number by a call. */
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

/** A socket that listens, for other processes: nobody accepts here. */
export interface BoundSocket {
  readonly fd: number;
  /** Its port; undefined if it has none. */
  readonly port: number | undefined;
  /** Those that have it by then go on. */
  close(): void;
}

/** Binds at a port of this machine, or at a path. */
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
