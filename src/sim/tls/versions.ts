import type { TlsVersion } from "../../contract/tls_info.ts";
import { VERSIONS } from "./messages.ts";

/** The versions of TLS that `host` speaks, from `oldest` on. */
export function spokenBy(
  { newestTls }: { readonly newestTls: TlsVersion },
  oldest: TlsVersion,
): TlsVersion[] {
  return VERSIONS.filter((version) =>
    version >= oldest && version <= newestTls
  );
}
