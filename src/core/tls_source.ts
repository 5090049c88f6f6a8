import { InvalidOptionError } from "../api/errors.ts";
import type { StartTlsOptions } from "../api/options/tls.ts";
import type { TlsEnd } from "./tls_end.ts";

/** Knows with what TLS a connection may start later: its listener, or its connect. */
export interface TlsSource {
  /** The end for `options`, or the one that was set up, to do `action`; a promise if it has to be loaded first. Throws if there is none, or `options` are bad. */
  endToStart(
    options: StartTlsOptions | undefined,
    action: string,
  ): TlsEnd | Promise<TlsEnd>;
}

/** `end`, if it was set up to be started later, to do `action`. Throws {@linkcode InvalidOptionError} if it was not. */
export function laterEnd(end: TlsEnd | undefined, action: string): TlsEnd {
  if (end?.isLater) return end;
  throw new InvalidOptionError(
    `Cannot ${action} without options: the connection was opened without tls: { start: "later", … }`,
  );
}
