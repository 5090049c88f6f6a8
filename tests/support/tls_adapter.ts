import type { Adapter, Tls, TlsContext } from "../../mod.ts";
import { ca, server } from "./certificates.ts";
import { type BeginEnd, layered } from "./layered_adapter.ts";

/** Wraps `adapter` so that every socket uses TLS. */
export async function overTls(adapter: Adapter): Promise<Adapter> {
  return securedBy(adapter, await adapter.loadTls?.() as Tls);
}

/** Wraps `adapter` so that every socket uses `tls`. */
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
