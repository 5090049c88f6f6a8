import type { UpgradeHost, UpgradeLimit } from "../../contract/upgrade.ts";

/** A connection that can be pinged. */
export interface Pinged {
  /** How many bytes have been read. */
  readonly bytesRead: number;
  /** True while reading is stopped. */
  readonly isStopped: boolean;
  ping(): void;
  /** The peer has not answered in time. */
  onNoPong(): void;
}

export interface PingSettings {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
}

/** Pings a silent peer, to find out whether it is still there. */
export class Pings {
  readonly #settings: PingSettings;
  readonly #pinged: Pinged;
  readonly #limit: UpgradeLimit;
  #seen: number;
  #isAsking = false;

  constructor(
    host: Pick<UpgradeHost, "newLimit">,
    settings: PingSettings,
    pinged: Pinged,
  ) {
    this.#settings = settings;
    this.#pinged = pinged;
    this.#seen = pinged.bytesRead;
    this.#limit = host.newLimit(() => this.#onOver());
    this.#wait();
  }

  stop(): void {
    this.#limit.disarm();
  }

  #wait(): void {
    this.#isAsking = false;
    this.#seen = this.#pinged.bytesRead;
    this.#limit.arm(this.#settings.pingIntervalMs);
  }

  #onOver(): void {
    const { bytesRead, isStopped } = this.#pinged;
    // While reading is stopped, an answer would go unnoticed.
    if (bytesRead !== this.#seen || isStopped) return this.#wait();
    if (this.#isAsking) return this.#pinged.onNoPong();
    this.#isAsking = true;
    this.#pinged.ping();
    this.#limit.arm(this.#settings.pongTimeoutMs);
  }
}
