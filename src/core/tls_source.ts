import type { TlsEnd } from "./tls_end.ts";

/** What has opened a connection. */
export interface TlsSource {
  /** By what the connection starts TLS if it is to; undefined if there was none when it was opened. */
  readonly tls: TlsEnd | undefined;
}
