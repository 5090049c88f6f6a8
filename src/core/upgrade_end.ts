import type { Socket } from "../contract/socket.ts";
import type { Upgrade } from "../contract/upgrade.ts";
import { type HandshakeHost, HandshakeIntake } from "./handshake_intake.ts";
import type { OpeningEnd, OpeningOutcome, PendingOpening } from "./opening.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { UpgradeHandshake } from "./upgrade_handshake.ts";

/** One end of an upgrade, with or without TLS below it. */
export class UpgradeEnd implements OpeningEnd {
  readonly #upgrade: Upgrade;
  readonly #below: OpeningEnd | undefined;

  /** `below` is what connections go through first. */
  constructor(upgrade: Upgrade, below: OpeningEnd | undefined) {
    this.#upgrade = upgrade;
    this.#below = below;
  }

  begin<UserCommand>(
    loop: TurnLoop<UserCommand>,
    socket: Socket,
    action: string,
    outcome: OpeningOutcome,
  ): PendingOpening {
    const upgrade = (socket: Socket) =>
      new UpgradeHandshake(loop, socket, this.#upgrade, action, outcome);
    if (this.#below === undefined) return upgrade(socket);
    let step = this.#below.begin(loop, socket, action, {
      onOpened: (opened) => void (step = upgrade(opened)),
      onAnswered: () => outcome.onAnswered(),
      onFailed: (error) => outcome.onFailed(error),
    });
    return { cancel: () => step.cancel() };
  }

  /** Performs the upgrades of a listener's connections. */
  intake<UserCommand>(
    host: HandshakeHost<UserCommand>,
  ): HandshakeIntake<UserCommand> {
    return new HandshakeIntake(host);
  }
}
