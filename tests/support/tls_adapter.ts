import type {
  Adapter,
  HandshakeEvents,
  PendingConnect,
  Socket,
  Tls,
  TlsContext,
} from "../../mod.ts";
import { ca, server } from "./certificates.ts";

/** `adapter` as if TLS were all that it had: each of its sockets is one of TLS. */
export async function overTls(adapter: Adapter): Promise<Adapter> {
  return securedBy(adapter, await adapter.loadTls?.() as Tls);
}

/** `adapter` as if `tls` were all that it had. */
export function securedBy(adapter: Adapter, tls: Tls): Adapter {
  const common = { alpn: [], minVersion: "TLSv1.2" } as const;
  const ends = {
    server: tls.server({
      ...common,
      credential: server,
      ca: undefined,
      sni: new Map(),
      clientCert: "none",
    }),
    client: tls.client({
      ...common,
      credential: undefined,
      ca: [ca],
      serverName: "localhost",
      verify: true,
    }),
  };
  return {
    ...properties(adapter),
    listen: (options, events) =>
      adapter.listen(options, {
        onAccept: (socket) =>
          begin(ends.server, socket, events.onAccept, events),
        onAcceptError: (failure) => events.onAcceptError(failure),
      }),
    connect(options, events): PendingConnect {
      let isCancelled = false;
      let pending: PendingConnect = adapter.connect(options, {
        onConnect(socket) {
          pending = ends.client.handshake(socket, {
            onSecure: (secured) => events.onConnect(secured),
            onHandshakeFailed: ({ cause }) => {
              if (isCancelled) return;
              throw new Error("the handshake failed", { cause });
            },
          });
        },
        onConnectError: (failure) => events.onConnectError(failure),
      });
      return {
        cancel() {
          isCancelled = true;
          pending.cancel();
        },
      };
    },
  };
}

function begin(
  context: TlsContext,
  socket: Socket,
  onSecure: (socket: Socket) => void,
  owner: object,
): void {
  const events: HandshakeEvents = {
    onSecure: (secured) => onSecure.call(owner, secured),
    // Whoever connects may be gone by then.
    onHandshakeFailed() {},
  };
  context.handshake(socket, events);
}

/** All of `adapter`, that of its class included. */
function properties(adapter: Adapter): Adapter {
  const { name, transports, reusesPorts, clock, signals } = adapter;
  return {
    name: `${name} over TLS`,
    transports,
    reusesPorts,
    clock,
    signals,
    random: () => adapter.random(),
    endOfTurn: (callback) => adapter.endOfTurn(callback),
    afterPoll: (callback) => adapter.afterPoll(callback),
    resolve: (hostname, events) => adapter.resolve?.(hostname, events),
    listen: adapter.listen,
    connect: adapter.connect,
  };
}
