/**
 * TLS by `node:tls`, which all three runtimes have, over sockets of any kind.
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
import { inNobodysContext } from "../async_context.ts";
import { certificatesIn } from "./certificate_paths.ts";
import {
  type DuplexStream,
  isLiteral,
  loadTls,
  type NativeKey,
  type NativeTlsServer,
  type NativeTlsSocket,
} from "./node_tls_types.ts";
import { ResumedClients } from "./resumed_clients.ts";
import { NamedServers } from "./server_names.ts";
import { handshakeFailure } from "./tls_failures.ts";
import { TlsSocket } from "./tls_socket.ts";

/** The core has a limit of its own. One of Deno would hold what has failed until it is over. */
const NO_TIMEOUT_MS = -1;

/**
 * A server that listens nowhere, and is handed streams: made by hand of a
 * socket, `tls.TLSSocket` would let in clients whose certificate is wrong.
 */
class NodeServer implements TlsContext {
  readonly #server: NativeTlsServer;
  readonly #byStream = new WeakMap<object, TlsSocket>();
  readonly #isStrict: boolean;
  /** Where the runtime does not look at them. */
  readonly #resumed: ResumedClients | undefined;

  constructor(settings: TlsServerSettings) {
    const { credential, ca, alpn, clientCert, minVersion } = settings;
    const { tls, keys: { constants } } = loadTls();
    const server = tls.createServer({
      cert: credential.cert,
      key: credential.key,
      ca,
      minVersion,
      // What is known of the peer holds to the end.
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
   * A server like this one, but for whom its events are of: Node and Deno have
   * forgotten the stream of a socket that they tell of because it has failed. Bun
   * does not, and has the events at the server that this was made of.
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
    const stream = streamOf(native, (value) => this.#byStream.has(value));
    return stream && this.#byStream.get(stream);
  }
}

/** What is known of where a TLS socket has its stream: Node and Deno have it in the handle, Bun under a symbol. */
interface Wrapped {
  readonly _handle?: {
    readonly _parentWrap?: { readonly stream?: DuplexStream };
  } | null;
  readonly [key: symbol]: unknown;
}

/** The stream that `native` speaks over, for which `isStream` holds. */
function streamOf(
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

/** `credential`, its key decrypted. Throws if it is none: not all runtimes look at it before the first handshake. */
function usable({ cert, key, passphrase }: TlsCredential): TlsCredential {
  const [own] = certificatesIn(cert);
  const read = privateKeyOf(key, passphrase);
  if (!own.checkPrivateKey(read)) {
    throw new Error("the key is not that of the certificate");
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
    const why = "the key cannot be decrypted: check it, and its passphrase";
    throw new Error(why, { cause });
  }
}

function checkAuthorities(ca: readonly TlsMaterial[] = []): void {
  for (const one of ca) certificatesIn(one);
}

/**
 * TLS of servers that have one credential, and of clients: material is checked
 * before, and a server with several names is made of several.
 */
export function tlsWith(
  newServer: (settings: TlsServerSettings) => TlsContext,
  newClient: (settings: TlsClientSettings) => TlsContext,
): Tls {
  const server = (settings: TlsServerSettings): TlsContext => {
    const { credential, ca, sni } = settings;
    checkAuthorities(ca);
    const serverWith = (own: TlsCredential): TlsContext =>
      newServer({ ...settings, credential: usable(own) });
    const others = serverWith(credential);
    if (sni.size === 0) return others;
    const byName = new Map<string, TlsContext>();
    for (const [name, own] of sni) {
      try {
        byName.set(name, serverWith(own));
      } catch (cause) {
        throw new Error(`of sni for ${name}: ${messageOf(cause)}`, { cause });
      }
    }
    return new NamedServers(byName, others);
  };
  const client = (settings: TlsClientSettings): TlsContext => {
    const { credential, ca } = settings;
    checkAuthorities(ca);
    return newClient({
      ...settings,
      credential: credential && usable(credential),
    });
  };
  return {
    server: (settings) => inNobodysContext(server, settings),
    client: (settings) => inNobodysContext(client, settings),
  };
}

/** TLS by `node:tls`. */
export const nodeTls: Tls = tlsWith(
  (settings) => new NodeServer(settings),
  (settings) => new NodeClient(settings),
);
