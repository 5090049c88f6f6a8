import type { Socket } from "../contract/socket.ts";
import type { ListenSettings } from "../api/options/listen.ts";
import type { AdmissionLimits, Limit } from "./admission_limits.ts";
import { ADMISSION_LIMITS } from "./on_demand.ts";

/** True if a listener with `settings` has limits besides that of all its connections: then {@linkcode ADMISSION_LIMITS} are to be loaded before its `Admission` is made. */
export function hasLimits(settings: ListenSettings): boolean {
  const { maxConnections, maxConnectionsPerAddress } = settings;
  return maxConnectionsPerAddress < maxConnections ||
    settings.acceptsPerSecond < Infinity;
}

/** Decides whether a listener lets a connection in. */
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

  /** How many connections are in. */
  get openCount(): number {
    return this.#openCount;
  }

  /** True if no more connections may be in. */
  get isFull(): boolean {
    return this.#openCount >= this.#settings.maxConnections;
  }

  /** The network that `socket` comes from; undefined if it is unknown, or does not matter. To be called while the address is known. */
  networkOf(socket: Socket): string | undefined {
    return this.#limits?.networkOf(socket);
  }

  /** The limit that keeps out one more connection of `network`; undefined if there is none. */
  refusal(network: string | undefined): Limit | undefined {
    return this.isFull ? "maxConnections" : this.#limits?.refusal(network);
  }

  /** Describes a limit, for messages. */
  textOf(limit: Limit): string {
    return `${limit} is ${this.#settings[limit]}`;
  }

  /** A connection of `network` is in. */
  enter(network: string | undefined): void {
    this.#openCount++;
    if (network !== undefined) this.#limits?.enter(network);
  }

  /** A connection of `network` is gone. */
  leave(network: string | undefined): void {
    this.#openCount--;
    if (network !== undefined) this.#limits?.leave(network);
  }
}
