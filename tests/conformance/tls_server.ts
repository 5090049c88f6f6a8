import type {
  DropReason,
  ListenerHandle,
  Reactor,
  ReactRuntime,
  TcpAddress,
  TlsHandshakeError,
  TlsListenOptions,
} from "../../mod.ts";
import { asTcp } from "../support/tcp.ts";
import { ANY_PORT, echo } from "./support.ts";

/** A listener with TLS, and a record of what it drops. */
export interface TlsServer {
  readonly handle: ListenerHandle;
  readonly address: TcpAddress;
  readonly drops: [reason: DropReason, error: TlsHandshakeError | undefined][];
}

/** Listens with TLS and a new reactor for each connection. */
export async function serveTls(
  runtime: ReactRuntime,
  tls: TlsListenOptions,
  newReactor: () => Reactor = echo,
  limits: object = {},
  where: string = ANY_PORT,
): Promise<TlsServer> {
  const drops: TlsServer["drops"] = [];
  const handle = await runtime.listen(
    where,
    {
      onNewConnection: () => ({ reactor: newReactor() }),
      onDrop: (reason, _address, _listener, error) =>
        void drops.push([reason, error as TlsHandshakeError | undefined]),
    },
    { ...limits, tls },
  );
  return { handle, address: asTcp(handle.address), drops };
}
