import type { Socket } from "../contract/socket.ts";
import { check } from "../api/options/rules.ts";
import { ORIGINS, UNIX } from "../api/options/proxy.ts";
import {
  hostBytes,
  isOfNetwork,
  type Network,
  parseNetwork,
} from "../util/networks.ts";

/** The peers whose PROXY headers are trusted. */
export class TrustedProxies {
  readonly #hasUnix: boolean;
  readonly #networks: readonly Network[];

  /** Throws `InvalidOptionError` if one of `origins` is neither a network nor `UNIX`. */
  constructor(origins: readonly string[]) {
    this.#hasUnix = origins.includes(UNIX);
    this.#networks = networksOf(origins);
  }

  /** True if the peer of `socket`, which was just accepted, is trusted. */
  has({ localAddress, remoteAddress }: Socket): boolean {
    const { transport } = localAddress;
    // An inherited socket for TCP has a TCP address.
    if (transport === "unix" || transport === "fd") return this.#hasUnix;
    if (remoteAddress.transport !== "tcp") return false;
    const bytes = hostBytes(remoteAddress.hostname);
    return bytes !== undefined &&
      this.#networks.some((network) => isOfNetwork(bytes, network));
  }
}

/**
 * Returns the networks among `origins`. Throws `InvalidOptionError` if one is
 * neither a network nor `UNIX`.
 */
export function networksOf(origins: readonly string[]): Network[] {
  return origins.filter((origin) => origin !== UNIX).map((origin) => {
    const network = parseNetwork(origin);
    check("trusted", origins, network !== undefined, ORIGINS);
    return network as Network;
  });
}
