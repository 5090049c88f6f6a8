import type { Adapter } from "../contract/adapter.ts";
import type { Tls, TlsContext } from "../contract/tls.ts";
import {
  InvalidCredentialError,
  UnsupportedTransportError,
} from "../api/errors.ts";
import {
  type TlsConnectOptions,
  tlsConnectSettings,
  type TlsListenOptions,
  tlsListenSettings,
} from "../api/tls_options.ts";
import { messageOf } from "../util/text.ts";

/** One end of TLS, and how long its handshakes may take. */
export interface TlsEnd {
  readonly context: TlsContext;
  readonly handshakeTimeoutMs: number;
}

/** The server's end, to do `action`. Throws {@linkcode InvalidCredentialError}, `InvalidOptionError` or {@linkcode UnsupportedTransportError}. */
export function serverEnd(
  adapter: Adapter,
  options: TlsListenOptions,
  action: string,
): TlsEnd {
  const settings = tlsListenSettings(options);
  const { handshakeTimeoutMs } = settings;
  const context = made(adapter, action, (tls) => tls.server(settings));
  return { context, handshakeTimeoutMs };
}

/** The client's end, to do `action`. Throws as {@linkcode serverEnd} does. */
export function clientEnd(
  adapter: Adapter,
  options: TlsConnectOptions | true,
  hostname: string,
  action: string,
): TlsEnd {
  const settings = tlsConnectSettings(options, hostname);
  const { handshakeTimeoutMs } = settings;
  const context = made(adapter, action, (tls) => tls.client(settings));
  return { context, handshakeTimeoutMs };
}

function made(
  { name, tls }: Adapter,
  action: string,
  make: (tls: Tls) => TlsContext,
): TlsContext {
  if (tls === undefined) {
    throw new UnsupportedTransportError(
      `Cannot ${action} with tls: the sockets of ${name} have none`,
    );
  }
  try {
    return make(tls);
  } catch (cause) {
    throw new InvalidCredentialError(
      `Cannot ${action} with tls: the certificate or the key cannot be used (${
        messageOf(cause).trim()
      })`,
      { cause },
    );
  }
}
