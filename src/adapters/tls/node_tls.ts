/**
 * TLS by `node:tls`, which all three runtimes have, over any socket.
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
import { messageOf } from "../../util/text.ts";
import { outsideAsyncContext } from "../async_context.ts";
import { certificatesIn } from "./certificate_paths.ts";
import {
  type DuplexStream,
  loadTls,
  type NativeKey,
  type NativeTlsServer,
  type NativeTlsSocket,
} from "./node_tls_types.ts";
import { ResumedClients } from "./resumed_clients.ts";
import { NamedServers } from "./server_names.ts";
import { handshakeFailure } from "./tls_failures.ts";
import { TlsSocket } from "./tls_socket.ts";
import { isLiteral } from "../../util/literal_hosts.ts";

/**
 * Disables the handshake timeout of the runtime: the core has its own, and on
 * Deno a failed handshake would stay in memory until the timeout.
 */
const NO_TIMEOUT_MS = -1;

/**
 * A `tls.Server` that does not listen, but is handed streams. A `tls.TLSSocket`
 * created directly would accept clients with an invalid certificate.
 */
class NodeServer implements TlsContext {
  readonly #server: NativeTlsServer;
  readonly #byStream = new WeakMap<object, TlsSocket>();
  readonly #isStrict: boolean;
  /** Checks resumed sessions where the runtime does not. */
  readonly #resumed: ResumedClients | undefined;

  constructor(settings: TlsServerSettings) {
    const { credential, ca, alpn, clientCert, minVersion } = settings;
    const { tls, keys: { constants } } = loadTls();
    const server = tls.createServer({
      cert: credential.cert,
      key: credential.key,
      ca,
      minVersion,
      // A renegotiation could change the identity of the peer.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(alpn.length > 0 && { ALPNProtocols: alpn }),
      requestCert: clientCert !== "none",
      rejectUnauthorized: clientCert === "require",
      allowHalfOpen: true,
      handshakeTimeout: NO_TIMEOUT_MS,
    });
    this.#isStrict = clientCert === "require";
    this.#resumed = "Deno" in globalThis && clientCert !== "none"
      ? new ResumedClients(ca)
      : undefined;
    server.on("secureConnection", (native) => {
      const secured = this.#find(native);
      if (secured !== undefined) this.#onSecure(secured, native);
    });
    server.on("tlsClientError", (error, native) => {
      const failure = handshakeFailure(error, native.authorizationError);
      this.#find(native)?.onHandshakeFailed(failure);
    });
    this.#server = server;
  }

  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake {
    const secured = new TlsSocket(socket, events);
    this.#byStream.set(secured.stream, secured);
    const server = this.#serverOf(secured);
    secured.begin(
      received,
      () => this.#server.emit.call(server, "connection", secured.stream),
    );
    return secured;
  }

  /**
   * A server that inherits from the shared one, and whose events belong to
   * `secured`. When a handshake fails, Node and Deno report a socket that no
   * longer knows its stream, so it could not be found. Bun keeps the stream,
   * and emits at the shared server.
   */
  #serverOf(secured: TlsSocket): NativeTlsServer {
    const emit = (event: string, ...args: unknown[]): boolean => {
      if (event === "connection") {
        return this.#server.emit.call(server, event, ...args);
      }
      if (event === "secureConnection") {
        const [native] = args as [NativeTlsSocket];
        this.#onSecure(secured, native);
      } else if (event === "tlsClientError") {
        const [error, native] = args as [Error, NativeTlsSocket];
        secured.onHandshakeFailed(
          handshakeFailure(error, native.authorizationError),
        );
      }
      return true;
    };
    const server: NativeTlsServer = Object.create(this.#server, {
      emit: { value: emit },
    });
    return server;
  }

  #onSecure(secured: TlsSocket, native: NativeTlsSocket): void {
    const reason = this.#resumed?.faultOf(native);
    if (reason !== undefined) native.authorized = false;
    if (reason === undefined || !this.#isStrict) {
      return secured.onSecure(native, undefined);
    }
    secured.attach(native);
    secured.onHandshakeFailed({ reason, cause: undefined });
  }

  #find(native: NativeTlsSocket): TlsSocket | undefined {
    const stream = streamBelow(native, (value) => this.#byStream.has(value));
    return stream && this.#byStream.get(stream);
  }
}

/**
 * Where a TLS socket keeps its stream: in the handle on Node and Deno, under a
 * symbol on Bun.
 */
interface Wrapped {
  readonly _handle?: {
    readonly _parentWrap?: { readonly stream?: DuplexStream };
  } | null;
  readonly [key: symbol]: unknown;
}

/** The stream below `native`: the first candidate that satisfies `isStream`. */
function streamBelow(
  native: NativeTlsSocket,
  isStream: (value: object) => boolean,
): object | undefined {
  const wrapped = native as unknown as Wrapped;
  const inHandle = wrapped._handle?._parentWrap?.stream;
  if (inHandle !== undefined && isStream(inHandle)) return inHandle;
  for (const symbol of Object.getOwnPropertySymbols(native)) {
    const value = wrapped[symbol];
    if (typeof value !== "object" || value === null) continue;
    if (isStream(value)) return value;
  }
  return undefined;
}

class NodeClient implements TlsContext {
  readonly #settings: TlsClientSettings;
  readonly #secureContext: object;

  constructor(settings: TlsClientSettings) {
    const { credential, ca, minVersion } = settings;
    this.#settings = settings;
    this.#secureContext = loadTls().tls.createSecureContext({
      ...credential,
      ca,
      minVersion,
    });
  }

  handshake(
    socket: Socket,
    events: HandshakeEvents,
    received?: Uint8Array,
  ): PendingHandshake {
    const { serverName, alpn, verify, minVersion } = this.#settings;
    // SNI has no addresses.
    const name = isLiteral(serverName) ? undefined : serverName;
    const secured = new TlsSocket(socket, events);
    secured.begin(received, () => {
      const native = loadTls().tls.connect({
        socket: secured.stream,
        secureContext: this.#secureContext,
        host: serverName,
        ...(name !== undefined && { servername: name }),
        ...(alpn.length > 0 && { ALPNProtocols: alpn }),
        rejectUnauthorized: verify,
        allowHalfOpen: true,
        minVersion,
      });
      secured.attach(native);
      native.on(
        "secureConnect",
        () => secured.onSecure(native, name),
      );
    });
    return secured;
  }
}

/**
 * `credential` with its key decrypted. Throws if it cannot be used: some
 * runtimes notice only during the first handshake.
 */
function usableCredential(
  { cert, key, passphrase }: TlsCredential,
): TlsCredential {
  const [own] = certificatesIn(cert);
  const read = privateKeyOf(key, passphrase);
  if (!own.checkPrivateKey(read)) {
    throw new Error("the key does not belong to the certificate");
  }
  if (passphrase === undefined) return { cert, key };
  return { cert, key: read.export({ type: "pkcs8", format: "pem" }) };
}

function privateKeyOf(
  key: TlsMaterial,
  passphrase: string | undefined,
): NativeKey {
  try {
    return loadTls().keys.createPrivateKey({ key, format: "pem", passphrase });
  } catch (cause) {
    if (passphrase === undefined) throw cause;
    const why = "the key cannot be decrypted: check the key and its passphrase";
    throw new Error(why, { cause });
  }
}

function checkAuthorities(ca: readonly TlsMaterial[] = []): void {
  for (const one of ca) certificatesIn(one);
}

/**
 * Builds TLS from contexts for a server with one credential and for a client.
 * Checks all certificates and keys first; a server with `sni` gets one context
 * for each name.
 */
export function tlsWith(
  newServer: (settings: TlsServerSettings) => TlsContext,
  newClient: (settings: TlsClientSettings) => TlsContext,
): Tls {
  const server = (settings: TlsServerSettings): TlsContext => {
    const { credential, ca, sni } = settings;
    checkAuthorities(ca);
    const serverWith = (own: TlsCredential): TlsContext =>
      newServer({ ...settings, credential: usableCredential(own) });
    const others = serverWith(credential);
    if (sni.size === 0) return others;
    const byName = new Map<string, TlsContext>();
    for (const [name, own] of sni) {
      try {
        byName.set(name, serverWith(own));
      } catch (cause) {
        throw new Error(`sni for ${name}: ${messageOf(cause)}`, { cause });
      }
    }
    return new NamedServers(byName, others);
  };
  const client = (settings: TlsClientSettings): TlsContext => {
    const { credential, ca } = settings;
    checkAuthorities(ca);
    return newClient({
      ...settings,
      credential: credential && usableCredential(credential),
    });
  };
  return {
    server: (settings) => outsideAsyncContext(server, settings),
    client: (settings) => outsideAsyncContext(client, settings),
  };
}

/** TLS by `node:tls`. */
export const nodeTls: Tls = tlsWith(
  (settings) => new NodeServer(settings),
  (settings) => new NodeClient(settings),
);
