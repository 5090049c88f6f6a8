import type { Socket } from "../contract/socket.ts";
import { UNIX } from "../api/proxy_options.ts";
import {
  hostBytes,
  isOfNetwork,
  type Network,
  parseNetwork,
} from "../util/networks.ts";

/** From where PROXY headers are believed. */
export class TrustedProxies {
  readonly #hasUnix: boolean;
  readonly #networks: readonly Network[];

  /** `origins` are checked. */
  constructor(origins: readonly string[]) {
    this.#hasUnix = origins.includes(UNIX);
    this.#networks = origins.filter((origin) => origin !== UNIX)
      .map((origin) => parseNetwork(origin) as Network);
  }

  /** True if the peer of `socket`, which was just accepted, is one. */
  has({ localAddress, remoteAddress }: Socket): boolean {
    const { transport } = localAddress;
    // One that was handed over has the address of TCP, if it is of that.
    if (transport === "unix" || transport === "fd") return this.#hasUnix;
    if (remoteAddress.transport !== "tcp") return false;
    const bytes = hostBytes(remoteAddress.hostname);
    return bytes !== undefined &&
      this.#networks.some((network) => isOfNetwork(bytes, network));
  }
}
