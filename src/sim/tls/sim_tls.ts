import { certificatesIn } from "../../adapters/tls/certificate_paths.ts";
import { tlsWith } from "../../adapters/tls/node_tls.ts";
import type { Tls, TlsMaterial } from "../../contract/tls.ts";
import type { Host } from "../host.ts";
import type { Process } from "../process.ts";
import { ClientHandshake } from "./client_handshake.ts";
import { ServerHandshake } from "./server_handshake.ts";
import type { NativeX509 } from "../../adapters/tls/node_tls_types.ts";

/**
 * TLS for a process on a simulated host. Certificates are real, and are checked as in TLS; versions and protocols are negotiated. But nothing is encrypted, and no end proves that it has its key.
 */
export function simTls(host: Host, process: Process): Tls {
  return tlsWith(
    (settings) => {
      const { credential, ca } = settings;
      const chain = certificatesIn(credential.cert);
      const end = {
        host,
        process,
        chain,
        authorities: trustedCertificates(ca),
      };
      return {
        handshake(socket, events, received) {
          const handshake = new ServerHandshake(end, settings, socket, events);
          handshake.begin(received);
          return handshake;
        },
      };
    },
    (settings) => {
      const { credential, ca = host.kernel.settings.ca } = settings;
      const chain = credential ? certificatesIn(credential.cert) : [];
      const end = {
        host,
        process,
        chain,
        authorities: trustedCertificates(ca),
      };
      return {
        handshake(socket, events, received) {
          const handshake = new ClientHandshake(end, settings, socket, events);
          handshake.begin(received);
          return handshake;
        },
      };
    },
  );
}

function trustedCertificates(ca: readonly TlsMaterial[] = []): NativeX509[] {
  return ca.flatMap(certificatesIn);
}
