import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import { networkOf } from "../util/networks.ts";
import { AcceptRate } from "./accept_rate.ts";

/** The limits of a listener: each is named like its option. */
export type Limit = DropReason & keyof ListenSettings;

/** The limits that few listeners have: how many connections one network may have, and how many are let in each second. */
export class AdmissionLimits {
  readonly #perNetwork: number;
  readonly #rate: AcceptRate | undefined;
  /** How many connections each network has; undefined if that does not matter. */
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

  /** The network that `socket` comes from; undefined if it is unknown, or does not matter. */
  networkOf(socket: Socket): string | undefined {
    if (this.#byNetwork === undefined) return undefined;
    const { remoteAddress } = socket;
    return remoteAddress.transport === "tcp"
      ? networkOf(remoteAddress.hostname)
      : undefined;
  }

  /** The limit that keeps out one more connection of `network`; undefined if there is none. The rate is asked last, so that only who could be let in counts for it. */
  refusal(network: string | undefined): Limit | undefined {
    if (network !== undefined && this.#countOf(network) >= this.#perNetwork) {
      return "maxConnectionsPerAddress";
    }
    return this.#rate?.take() === false ? "acceptsPerSecond" : undefined;
  }

  /** A connection of `network` is in. */
  enter(network: string): void {
    this.#byNetwork?.set(network, this.#countOf(network) + 1);
  }

  /** A connection of `network` is gone. */
  leave(network: string): void {
    const count = this.#countOf(network) - 1;
    if (count > 0) this.#byNetwork?.set(network, count);
    else this.#byNetwork?.delete(network);
  }

  #countOf(network: string): number {
    return this.#byNetwork?.get(network) ?? 0;
  }
}
