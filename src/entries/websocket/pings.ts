import type { UpgradeHost, UpgradeLimit } from "../../contract/upgrade.ts";

/** Who is asked whether it is still there. */
export interface Pinged {
  /** How many bytes have come of it. */
  readonly bytesRead: number;
  /** Nothing is read of it now. */
  readonly isStopped: boolean;
  ping(): void;
  /** It did not answer. */
  onNoPong(): void;
}

/** When to ask. */
export interface PingSettings {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
}

/** Asks a peer that says nothing whether it is still there. */
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
    // What it may have answered is not read then.
    if (bytesRead !== this.#seen || isStopped) return this.#wait();
    if (this.#isAsking) return this.#pinged.onNoPong();
    this.#isAsking = true;
    this.#pinged.ping();
    this.#limit.arm(this.#settings.pongTimeoutMs);
  }
}
