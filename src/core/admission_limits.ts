import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import { networkOf } from "../util/networks.ts";
import { AcceptRate } from "./accept_rate.ts";

/** The limits of a listener, named like their options. */
export type Limit = DropReason & keyof ListenSettings;

/**
 * Limits that few listeners have: connections per network, and connections per
 * second.
 */
export class AdmissionLimits {
  readonly #perNetwork: number;
  readonly #rate: AcceptRate | undefined;
  /** Connections per network; undefined without such a limit. */
  readonly #byNetwork: Map<string, number> | undefined;

  constructor(settings: ListenSettings, now: () => number) {
    const { acceptsPerSecond, acceptBurst } = settings;
    this.#rate = acceptsPerSecond === Infinity
      ? undefined
      : new AcceptRate(acceptsPerSecond, acceptBurst, now);
    this.#perNetwork = settings.maxConnectionsPerAddress;
    this.#byNetwork = this.#perNetwork < settings.maxConnections
      ? new Map()
      : undefined;
  }

  /**
   * Returns the network of `socket`'s peer; undefined if it is unknown or
   * irrelevant.
   */
  networkOf(socket: Socket): string | undefined {
    if (this.#byNetwork === undefined) return undefined;
    const { remoteAddress } = socket;
    return remoteAddress.transport === "tcp"
      ? networkOf(remoteAddress.hostname)
      : undefined;
  }

  /**
   * Returns the limit that keeps one more connection of `network` out;
   * undefined if there is none. The rate is checked last, so that refused
   * connections do not use it up.
   */
  refusal(network: string | undefined): Limit | undefined {
    if (network !== undefined && this.#countOf(network) >= this.#perNetwork) {
      return "maxConnectionsPerAddress";
    }
    return this.#rate?.take() === false ? "acceptsPerSecond" : undefined;
  }

  /** Counts a connection of `network` as admitted. */
  enter(network: string): void {
    this.#byNetwork?.set(network, this.#countOf(network) + 1);
  }

  /** Stops counting a connection of `network`. */
  leave(network: string): void {
    const count = this.#countOf(network) - 1;
    if (count > 0) this.#byNetwork?.set(network, count);
    else this.#byNetwork?.delete(network);
  }

  #countOf(network: string): number {
    return this.#byNetwork?.get(network) ?? 0;
  }
}
