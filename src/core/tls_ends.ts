import type { Tls, TlsContext } from "../contract/tls.ts";
import { InvalidCredentialError } from "../api/errors.ts";
import {
  type TlsConnectOptions,
  type TlsConnectSettings,
  tlsConnectSettings,
  type TlsListenOptions,
  type TlsListenSettings,
  tlsListenSettings,
} from "../api/options/tls.ts";
import { messageOf } from "../util/text.ts";
import { TlsEnd } from "./tls_end.ts";

export { startTls } from "./tls_start.ts";

/** Makes the ends of TLS over the sockets of one adapter. */
export class TlsEnds {
  readonly #tls: Tls;

  constructor(tls: Tls) {
    this.#tls = tls;
  }

  /** The server's end, to do `action`. Throws {@linkcode InvalidCredentialError} or `InvalidOptionError`. */
  server(options: TlsListenOptions, action: string): TlsEnd {
    return this.#server(tlsListenSettings(options), action);
  }

  /** The server's end that takes the place of `before`, and starts when that does. Throws likewise. */
  renewed(before: TlsEnd, options: TlsListenOptions, action: string): TlsEnd {
    const start = before.isLater ? "later" : "now";
    return this.#server({ ...tlsListenSettings(options), start }, action);
  }

  #server(settings: TlsListenSettings, action: string): TlsEnd {
    return made(action, settings, () => this.#tls.server(settings));
  }

  /** The end of a client of `hostname`, to do `action`. Throws likewise. */
  client(
    options: TlsConnectOptions | true,
    hostname: string,
    action: string,
  ): TlsEnd {
    const settings = tlsConnectSettings(options, hostname);
    return made(action, settings, () => this.#tls.client(settings));
  }
}

function made(
  action: string,
  settings: TlsListenSettings | TlsConnectSettings,
  make: () => TlsContext,
): TlsEnd {
  try {
    return new TlsEnd(make(), settings);
  } catch (cause) {
    throw new InvalidCredentialError(
      `Cannot ${action} with tls: the certificate or the key cannot be used (${
        messageOf(cause)
      })`,
      { cause },
    );
  }
}
