import type { Socket } from "../contract/socket.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { AdmissionLimits, Limit } from "./admission_limits.ts";
import { ADMISSION_LIMITS } from "./on_demand.ts";

/**
 * True if a listener with `settings` has limits besides the total number of
 * connections. Then {@linkcode ADMISSION_LIMITS} must be loaded before its
 * `Admission` is created.
 */
export function hasLimits(settings: ListenSettings): boolean {
  const { maxConnections, maxConnectionsPerAddress } = settings;
  return maxConnectionsPerAddress < maxConnections ||
    settings.acceptsPerSecond < Infinity;
}

/** Decides whether a listener admits a connection. */
export class Admission {
  readonly #settings: ListenSettings;
  readonly #limits: AdmissionLimits | undefined;
  #openCount = 0;

  constructor(settings: ListenSettings, now: () => number) {
    this.#settings = settings;
    this.#limits = hasLimits(settings)
      ? new ADMISSION_LIMITS.value.AdmissionLimits(settings, now)
      : undefined;
  }

  /** Number of admitted connections. */
  get openCount(): number {
    return this.#openCount;
  }

  /** True if no more connections may be admitted. */
  get isFull(): boolean {
    return this.#openCount >= this.#settings.maxConnections;
  }

  /**
   * Returns the network of `socket`'s peer; undefined if it is unknown or
   * irrelevant. Call it while the address is known.
   */
  networkOf(socket: Socket): string | undefined {
    return this.#limits?.networkOf(socket);
  }

  /**
   * Returns the limit that keeps one more connection of `network` out;
   * undefined if there is none.
   */
  refusal(network: string | undefined): Limit | undefined {
    return this.isFull ? "maxConnections" : this.#limits?.refusal(network);
  }

  /** Describes a limit, for messages. */
  textOf(limit: Limit): string {
    return `${limit} is ${this.#settings[limit]}`;
  }

  /** Counts a connection of `network` as admitted. */
  enter(network: string | undefined): void {
    this.#openCount++;
    if (network !== undefined) this.#limits?.enter(network);
  }

  /** Stops counting a connection of `network`. */
  leave(network: string | undefined): void {
    this.#openCount--;
    if (network !== undefined) this.#limits?.leave(network);
  }
}
