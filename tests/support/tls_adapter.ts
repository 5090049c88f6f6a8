import type { Adapter, Tls, TlsContext } from "../../mod.ts";
import { ca, server } from "./certificates.ts";
import { type BeginEnd, layered } from "./layered_adapter.ts";

/** `adapter` as if TLS were all that it had: each of its sockets is one of TLS. */
export async function overTls(adapter: Adapter): Promise<Adapter> {
  return securedBy(adapter, await adapter.loadTls?.() as Tls);
}

/** `adapter` as if `tls` were all that it had. */
export function securedBy(adapter: Adapter, tls: Tls): Adapter {
  const common = { alpn: [], minVersion: "TLSv1.2" } as const;
  return layered(adapter, "TLS", {
    server: beginOf(tls.server({
      ...common,
      credential: server,
      ca: undefined,
      sni: new Map(),
      clientCert: "none",
    })),
    client: beginOf(tls.client({
      ...common,
      credential: undefined,
      ca: [ca],
      serverName: "localhost",
      verify: true,
    })),
  });
}

function beginOf(context: TlsContext): BeginEnd {
  return (socket, onSecure, onFailed) =>
    context.handshake(socket, {
      onSecure,
      onHandshakeFailed: ({ cause }) => onFailed(cause),
    });
}
