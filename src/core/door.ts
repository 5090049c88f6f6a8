import type { Socket } from "../contract/socket.ts";
import type { DropReason } from "../api/drops.ts";
import type { ListenSettings } from "../api/options.ts";
import { networkOf } from "../util/networks.ts";
import { AcceptRate } from "./accept_rate.ts";

/** The limits that let a connection into a listener or not: each is the option of its name. */
export type Limit = DropReason & keyof ListenSettings;

/** Lets connections into a listener. */
export class Door {
  readonly #settings: ListenSettings;
  readonly #rate: AcceptRate | undefined;
  /** How many connections each network has open; undefined if that does not matter. */
  readonly #byNetwork: Map<string, number> | undefined;
  #openCount = 0;

  constructor(settings: ListenSettings, now: () => number) {
    const { acceptsPerSecond, acceptBurst } = settings;
    this.#settings = settings;
    this.#rate = acceptsPerSecond === Infinity
      ? undefined
      : new AcceptRate(acceptsPerSecond, acceptBurst, now);
    const isByNetwork =
      settings.maxConnectionsPerAddress < settings.maxConnections;
    this.#byNetwork = isByNetwork ? new Map() : undefined;
  }

  /** How many connections are in. */
  get openCount(): number {
    return this.#openCount;
  }

  /** True if no more connections may be in. */
  get isFull(): boolean {
    return this.#openCount >= this.#settings.maxConnections;
  }

  /** Where `socket` comes from, to be asked while that is known; undefined if it is not, or does not matter. */
  networkOf(socket: Socket): string | undefined {
    if (this.#byNetwork === undefined) return undefined;
    const { remoteAddress } = socket;
    return remoteAddress.transport === "tcp"
      ? networkOf(remoteAddress.hostname)
      : undefined;
  }

  /** By which limit one more connection of `network` is not let in; undefined if it is. The rate is asked last, so that only who could be let in counts for it. */
  refusal(network: string | undefined): Limit | undefined {
    const { maxConnectionsPerAddress } = this.#settings;
    if (this.isFull) return "maxConnections";
    if (this.#countOf(network) >= maxConnectionsPerAddress) {
      return "maxConnectionsPerAddress";
    }
    return this.#rate?.take() === false ? "acceptsPerSecond" : undefined;
  }

  /** What a limit is, for messages. */
  textOf(limit: Limit): string {
    return `${limit} is ${this.#settings[limit]}`;
  }

  /** A connection of `network` is in. */
  enter(network: string | undefined): void {
    this.#openCount++;
    if (network === undefined) return;
    this.#byNetwork?.set(network, this.#countOf(network) + 1);
  }

  /** A connection of `network` is gone. */
  leave(network: string | undefined): void {
    this.#openCount--;
    if (network === undefined) return;
    const count = this.#countOf(network) - 1;
    if (count > 0) this.#byNetwork?.set(network, count);
    else this.#byNetwork?.delete(network);
  }

  #countOf(network: string | undefined): number {
    if (network === undefined) return 0;
    return this.#byNetwork?.get(network) ?? 0;
  }
}
