import type { Tls, TlsContext } from "../contract/tls.ts";
import { InvalidCredentialError } from "../api/errors.ts";
import type {
  TlsConnectSettings,
  TlsListenSettings,
} from "../api/options/tls.ts";
import { messageOf } from "../util/text.ts";
import { TlsEnd } from "./tls_end.ts";

/** Creates TLS ends over the sockets of one adapter. */
export class TlsEnds {
  readonly #tls: Tls;

  constructor(tls: Tls) {
    this.#tls = tls;
  }

  /**
   * Creates a server end for `action`. Throws
   * {@linkcode InvalidCredentialError}.
   */
  server(settings: TlsListenSettings, action: string): TlsEnd {
    return made(action, settings, () => this.#tls.server(settings));
  }

  /**
   * Creates a client end for `action`. Throws
   * {@linkcode InvalidCredentialError}.
   */
  client(settings: TlsConnectSettings, action: string): TlsEnd {
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
