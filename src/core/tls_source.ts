import { InvalidOptionError } from "../api/errors.ts";
import type { StartTlsOptions } from "../api/options/tls.ts";
import type { TlsEnd } from "./tls_end.ts";

/**
 * Provides the TLS that a connection may start later: its listener, or its
 * connect.
 */
export interface TlsSource {
  /**
   * Returns the end for `options`, or the one that was set up, for `action`; a
   * promise if it has to be loaded first. Throws if there is none, or `options`
   * are invalid.
   */
  endToStart(
    options: StartTlsOptions | undefined,
    action: string,
  ): TlsEnd | Promise<TlsEnd>;
}

/**
 * Returns `end`, if it was set up to be started later. Throws
 * {@linkcode InvalidOptionError} for `action` if it was not.
 */
export function laterEnd(end: TlsEnd | undefined, action: string): TlsEnd {
  if (end?.isLater) return end;
  throw new InvalidOptionError(
    `Cannot ${action} without options: the connection was opened without tls: { start: "later", … }`,
  );
}
