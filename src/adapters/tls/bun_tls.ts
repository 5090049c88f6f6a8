/**
 * TLS on sockets of Bun, by its own `upgradeTLS`. The `node:tls` of Bun, on top
 * of a stream, has neither back-pressure nor half-close.
 *
 * @module
 */

import type { Socket } from "../../contract/socket.ts";
import type {
  HandshakeEvents,
  PendingHandshake,
  Tls,
  TlsClientSettings,
  TlsContext,
  TlsCredential,
  TlsMaterial,
  TlsServerSettings,
} from "../../contract/tls.ts";
import type { TlsVersion } from "../../contract/tls_info.ts";
import { outsideAsyncContext } from "../async_context.ts";
import { type BunTlsEnd, BunTlsSocket } from "./bun_tls_socket.ts";
import { nodeTls, tlsWith } from "./node_tls.ts";
import { loadTls } from "./node_tls_types.ts";
import { isLiteral } from "../../util/literal_hosts.ts";

/** Uses `upgradeTLS` for sockets of Bun, and `node:tls` for all others. */
class BunContext implements TlsContext {
  readonly #end: BunTlsEnd;
  readonly #others: TlsContext;

  constructor(end: BunTlsEnd, others: TlsContext) {
    this.#end = end;
    this.#others = others;
  }

  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake {
    if (!("upgrade" in (socket.under ?? socket))) {
      return this.#others.handshake(socket, events, received);
    }
    const secured = new BunTlsSocket(socket, events, this.#end);
    outsideAsyncContext(() => secured.begin(received));
    return secured;
  }
}

/**
 * The ALPN protocols as TLS encodes them: each behind a byte with its length.
 */
function onWire(protocols: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from(protocols.flatMap((protocol) => {
    const bytes = encoder.encode(protocol);
    return [bytes.length, ...bytes];
  }));
}

/** The native context inside a secure context of `node:tls`. */
function contextOf(
  credential: TlsCredential | undefined,
  ca: readonly TlsMaterial[] | undefined,
  minVersion: TlsVersion,
): object {
  const { tls } = loadTls();
  const made = tls.createSecureContext({ ...credential, ca, minVersion });
  return (made as { readonly context: object }).context;
}

function server(settings: TlsServerSettings, others: TlsContext): TlsContext {
  const { credential, ca, alpn, clientCert, minVersion } = settings;
  const isRequired = clientCert === "require";
  return new BunContext({
    upgrade: {
      isServer: true,
      tls: {
        secureContext: contextOf(credential, ca, minVersion),
        ...(alpn.length > 0 && { ALPNProtocols: onWire(alpn) }),
        requestCert: clientCert !== "none",
        rejectUnauthorized: isRequired,
      },
    },
    serverName: undefined,
    isStrict: isRequired,
    faultOf: (_certificate, verdict) => verdict,
  }, others);
}

function client(settings: TlsClientSettings, others: TlsContext): TlsContext {
  const { credential, ca, alpn, serverName, verify, minVersion } = settings;
  // SNI has no addresses.
  const name = isLiteral(serverName) ? undefined : serverName;
  const { tls } = loadTls();
  return new BunContext({
    upgrade: {
      isServer: false,
      tls: {
        secureContext: contextOf(credential, ca, minVersion),
        ...(alpn.length > 0 && { ALPNProtocols: onWire(alpn) }),
        requestCert: true,
        rejectUnauthorized: verify,
        // Without an empty name, Bun sends the IP address as SNI.
        servername: name ?? "",
        serverName: name ?? "",
      },
    },
    serverName: name,
    isStrict: verify,
    faultOf: (certificate, verdict) =>
      verdict ?? tls.checkServerIdentity(serverName, certificate),
  }, others);
}

/** TLS on sockets of Bun. */
export const bunTls: Tls = tlsWith(
  (settings) =>
    server(settings, nodeTls.server({ ...settings, sni: new Map() })),
  (settings) => client(settings, nodeTls.client(settings)),
);
