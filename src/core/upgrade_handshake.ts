import type { Socket } from "../contract/socket.ts";
import type {
  PendingUpgrade,
  Upgrade,
  UpgradeEvents,
  UpgradeHost,
  UpgradeLimit,
} from "../contract/upgrade.ts";
import { UpgradeTimeoutError } from "../api/errors.ts";
import type { OpeningOutcome, PendingOpening } from "./opening.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** An upgrade in progress, with its time limit. */
export class UpgradeHandshake<UserCommand>
  implements UpgradeEvents, UpgradeHost, PendingOpening {
  readonly action: string;
  readonly #loop: TurnLoop<UserCommand>;
  readonly #timeoutMs: number;
  readonly #outcome: OpeningOutcome;
  readonly #pending: PendingUpgrade;
  readonly #timeout = new Timeout(() => this.#onTimeout());

  /** Starts it on `socket` for `action`. */
  constructor(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    upgrade: Upgrade,
    action: string,
    outcome: OpeningOutcome,
  ) {
    this.action = action;
    this.#loop = loop;
    this.#timeoutMs = upgrade.handshakeTimeoutMs;
    this.#outcome = outcome;
    loop.arm(this.#timeout, this.#timeoutMs);
    this.#pending = upgrade.begin(socket, this, this);
  }

  cancel(): void {
    this.#loop.disarm(this.#timeout);
    this.#pending.cancel();
  }

  newLimit(onOver: () => void): UpgradeLimit {
    const timeout = new Timeout(onOver);
    return {
      arm: (delayMs) => this.#loop.arm(timeout, delayMs),
      disarm: () => this.#loop.disarm(timeout),
    };
  }

  onUpgraded(socket: Socket): void {
    this.#settle();
    this.#outcome.onOpened(socket);
  }

  onAnswered(): void {
    this.#settle();
    this.#outcome.onAnswered();
  }

  onUpgradeFailed(error: Error): void {
    this.#settle();
    this.#outcome.onFailed(error);
  }

  #settle(): void {
    this.#loop.onSocketEvent();
    this.#loop.disarm(this.#timeout);
  }

  #onTimeout(): void {
    this.#pending.cancel();
    this.#outcome.onFailed(
      new UpgradeTimeoutError(
        `Cannot ${this.action}: its upgrade was not done within ${this.#timeoutMs} ms (handshakeTimeoutMs)`,
      ),
    );
  }
}
