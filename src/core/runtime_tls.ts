import type { Adapter } from "../contract/adapter.ts";
import {
  type TlsConnectOptions,
  tlsConnectSettings,
  type TlsListenOptions,
  tlsListenSettings,
} from "../api/options/tls.ts";
import type { Lazy } from "../util/lazy.ts";
import { checkHasTls, loadError, tlsOf } from "./on_demand.ts";
import type { TlsEnd } from "./tls_end.ts";
import type { TlsEnds } from "./tls_ends.ts";
import { laterEnd, type TlsSource } from "./tls_source.ts";

/** Creates the TLS ends for the listeners and connections of one runtime. */
export class RuntimeTls {
  /** Creates the ends. Must be loaded before the first one is created. */
  readonly ends: Lazy<TlsEnds>;
  readonly #adapter: Adapter;

  constructor(adapter: Adapter) {
    this.ends = tlsOf(adapter);
    this.#adapter = adapter;
  }

  /**
   * Creates the server end that replaces `before`, and starts when `before`
   * would, for `action`. Throws if `options` are invalid.
   */
  endAfter(
    { isLater }: TlsEnd,
    options: TlsListenOptions,
    action: string,
  ): TlsEnd {
    const start = isLater ? "later" : "now";
    const settings = { ...tlsListenSettings(options), start } as const;
    return this.ends.value.server(settings, action);
  }

  /**
   * Creates a server end where none may exist yet. Returns a promise if that
   * has to be loaded. Throws likewise.
   */
  serverEnd(
    options: TlsListenOptions,
    action: string,
  ): TlsEnd | Promise<TlsEnd> {
    const settings = tlsListenSettings(options);
    return this.#loadedEnd(action, (ends) => ends.server(settings, action));
  }

  /**
   * Returns how a connection to `host` starts TLS later: with `end`, if one was
   * set up.
   */
  clientSource(end: TlsEnd | undefined, host: string): TlsSource {
    return {
      endToStart: (options, action) =>
        options === undefined
          ? laterEnd(end, action)
          : this.#clientEnd(options as TlsConnectOptions | true, host, action),
    };
  }

  #clientEnd(
    options: TlsConnectOptions | true,
    host: string,
    action: string,
  ): TlsEnd | Promise<TlsEnd> {
    const settings = tlsConnectSettings(options, host);
    return this.#loadedEnd(action, (ends) => ends.client(settings, action));
  }

  #loadedEnd(
    action: string,
    make: (ends: TlsEnds) => TlsEnd,
  ): TlsEnd | Promise<TlsEnd> {
    checkHasTls(this.#adapter, action);
    if (this.ends.isLoaded) return make(this.ends.value);
    return this.ends.load().then(make, (cause) => {
      throw loadError(action, cause);
    });
  }
}
