import type { ConnectionSettings } from "../api/options/connection.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";

/** What a connection must not take too long for, and the options that say how long; of those that are over at once, the first comes first. */
export const LIMITS = {
  idle: "idleTimeoutMs",
  writeIdle: "writeIdleTimeoutMs",
  send: "sendTimeoutMs",
  readIdle: "readIdleTimeoutMs",
  firstMessage: "firstMessageTimeoutMs",
  message: "messageTimeoutMs",
  close: "closeTimeoutMs",
} as const;

/** One of them. */
export type Deadline = keyof typeof LIMITS;

/** All that run before the connection closes. */
const WHILE_OPEN: readonly Deadline[] = [
  "idle",
  "writeIdle",
  "send",
  "readIdle",
  "firstMessage",
  "message",
];

/** The one that runs then. */
const WHILE_CLOSING: readonly Deadline[] = ["close"];

/** What is watched, and told. */
export interface TimedConnection {
  readonly reader: {
    readonly bytesBuffered: number;
    readonly isInMessage: boolean;
  };
  readonly sender: { readonly bytesQueued: number };
  /** The peer may send, and what it sends is read. */
  readonly isReading: boolean;
  /** What its user sends is taken. */
  readonly isSending: boolean;
  /** It is its user who has paused reading. */
  readonly isPausedByUser: boolean;
  /** `deadline` is over; it is told again after as much time, if it still applies. */
  onOverdue(deadline: Deadline): void;
}

/** A timer that is later was held up by the program; that the peer was slow meanwhile is not certain. */
const HELD_UP_MS = 50;

const Phase = { Open: 0, Closing: 1, Over: 2 } as const;
type Phase = typeof Phase[keyof typeof Phase];

/**
 * The deadlines of one connection: `idleTimeoutMs`, `readIdleTimeoutMs`,
 * `writeIdleTimeoutMs`, `firstMessageTimeoutMs`, `messageTimeoutMs`,
 * `sendTimeoutMs`, and, once it closes, `closeTimeoutMs`.
 *
 * They share one time limit, which is not armed anew when something moves, but
 * when it turns out to have been too early. So a read or a write costs a look at
 * the clock, and a message nothing.
 */
export class ConnectionDeadlines {
  readonly #loop: Pick<TurnLoop<never>, "armAt" | "disarm" | "now">;
  readonly #settings: ConnectionSettings;
  readonly #watched: TimedConnection;
  readonly #timeout = new Timeout(() => this.#onTimeout());
  readonly #followsMessages: boolean;
  readonly #followsSends: boolean;
  #phase: Phase = Phase.Open;

  #movedAt: number;
  #readAt: number;
  #sentAt: number;
  /** When it was opened; later by the time since then that does not count. */
  #openedAt: number;
  /** When the message began that is not whole yet, likewise. */
  #messageAt: number | undefined = undefined;

  /** Since when something has been queued and nothing went out. */
  #waitingSince: number | undefined = undefined;

  #hasMessage = false;
  #bytesRead = 0;
  #bytesTaken = 0;
  #bytesSent = 0;

  /** Until when is known what time does not count, and what has held since. */
  #seenUntil: number;
  #wasReading = true;
  #wasPausedByUser = false;

  constructor(
    loop: Pick<TurnLoop<never>, "armAt" | "disarm" | "now">,
    settings: ConnectionSettings,
    watched: TimedConnection,
  ) {
    this.#loop = loop;
    this.#settings = settings;
    this.#watched = watched;
    this.#followsMessages = settings.firstMessageTimeoutMs > 0 ||
      settings.messageTimeoutMs > 0;
    this.#followsSends = settings.sendTimeoutMs > 0;
    this.#openedAt =
      this.#movedAt =
      this.#readAt =
      this.#sentAt =
      this.#seenUntil =
        loop.now();
  }

  /** True if a connection with `settings` has any while it is open. */
  static areIn(settings: ConnectionSettings): boolean {
    return WHILE_OPEN.some((deadline) => settings[LIMITS[deadline]] > 0);
  }

  /** They run from now on. */
  start(): void {
    this.#arm();
  }

  /** The connection closes: from now on `closeTimeoutMs` is all that counts. */
  beginClosing(): void {
    this.#phase = Phase.Closing;
    this.#wasPausedByUser = false;
    this.#movedAt = this.#loop.now();
    this.#arm();
  }

  /** None of them runs any more. */
  stop(): void {
    this.#phase = Phase.Over;
    this.#loop.disarm(this.#timeout);
  }

  /** `count` bytes came in, and were handed out as far as possible. */
  onRead(count: number): void {
    this.#bytesRead += count;
    const now = this.#loop.now();
    this.#readAt = this.#movedAt = now;
    if (!this.#followsMessages) return;
    this.#followMessages(now);
    const { messageTimeoutMs } = this.#settings;
    if (this.#messageAt !== now || messageTimeoutMs === 0) return;
    this.#armAt(now + messageTimeoutMs);
  }

  /** So many bytes have gone out in all; as much as possible of what was queued. */
  onSent(bytesSent: number): void {
    if (this.#followsSends && this.#phase === Phase.Open) {
      this.#followSends(bytesSent);
    }
    if (bytesSent === this.#bytesSent) return;
    this.#bytesSent = bytesSent;
    this.#sentAt = this.#movedAt = this.#loop.now();
  }

  /** Reading was paused or resumed. */
  onPauseChanged(): void {
    this.#look();
    this.#arm();
  }

  #onTimeout(): void {
    // Sockets were served since then, which is not sure of any time after it.
    const { deadline } = this.#timeout;
    const now = this.#look();
    const lateMs = now - deadline;
    // It gets that time back, and so has as much to catch up.
    if (lateMs > HELD_UP_MS) this.#excuseMessages(2 * lateMs, now);
    for (;;) {
      const overdue = this.#overdueAt(deadline);
      if (overdue === undefined) break;
      if (overdue === "readIdle") this.#readAt = now;
      else if (overdue === "writeIdle") this.#sentAt = now;
      else this.#movedAt = now;
      this.#watched.onOverdue(overdue);
    }
    this.#arm();
  }

  /** One that is over at `time`. */
  #overdueAt(time: number): Deadline | undefined {
    return this.#all.find((deadline) => this.#dueAt(deadline) <= time);
  }

  get #all(): readonly Deadline[] {
    return this.#phase === Phase.Open ? WHILE_OPEN : WHILE_CLOSING;
  }

  /** When `deadline` is over; `Infinity` if it does not run. */
  #dueAt(deadline: Deadline): number {
    const ms = this.#settings[LIMITS[deadline]];
    if (ms === 0 || this.#phase === Phase.Over) return Infinity;
    return (this.#since(deadline) ?? Infinity) + ms;
  }

  /** Since when `deadline`, one of those of this phase, runs; undefined if it does not. */
  #since(deadline: Deadline): number | undefined {
    const { isPausedByUser, isSending, isReading } = this.#watched;
    switch (deadline) {
      case "close":
        return this.#movedAt;
      case "idle":
        return isPausedByUser ? undefined : this.#movedAt;
      case "writeIdle":
        return isSending ? this.#sentAt : undefined;
      case "send":
        return this.#waitingSince;
    }
    if (!isReading) return undefined;
    switch (deadline) {
      case "readIdle":
        return this.#readAt;
      case "firstMessage":
        return this.#hasMessage ? undefined : this.#openedAt;
      case "message":
        return this.#messageAt;
    }
  }

  /** Sees to it that the time limit is armed in time for what runs. */
  #arm(): void {
    for (const deadline of this.#all) {
      const dueAt = this.#dueAt(deadline);
      if (dueAt < Infinity) this.#armAt(dueAt);
    }
  }

  #armAt(time: number): void {
    if (this.#timeout.isArmed && this.#timeout.deadline <= time) return;
    this.#loop.armAt(this.#timeout, time);
  }

  /** Takes account of the time since the last look; returns what time it is. */
  #look(): number {
    const now = this.#loop.now();
    const passed = now - this.#seenUntil;
    this.#seenUntil = now;
    if (this.#wasPausedByUser) this.#movedAt = now;
    if (!this.#wasReading) {
      this.#readAt = now;
      this.#excuseMessages(passed, now);
    }
    this.#wasPausedByUser = this.#watched.isPausedByUser;
    this.#wasReading = this.#watched.isReading;
    if (this.#watched.sender.bytesQueued > 0) this.#sentAt = now;
    this.#followMessages(now);
    return now;
  }

  /** Notes since when something waits to go out. */
  #followSends(bytesSent: number): void {
    if (this.#watched.sender.bytesQueued === 0) {
      this.#waitingSince = undefined;
    } else if (
      this.#waitingSince === undefined || bytesSent !== this.#bytesSent
    ) {
      this.#waitingSince = this.#loop.now();
      this.#armAt(this.#waitingSince + this.#settings.sendTimeoutMs);
    }
  }

  /** `passed` milliseconds before `now` do not count for messages. */
  #excuseMessages(passed: number, now: number): void {
    this.#openedAt = later(this.#openedAt, passed, now);
    if (this.#messageAt === undefined) return;
    this.#messageAt = later(this.#messageAt, passed, now);
  }

  /** Notes when a message has begun, and whether one is whole. */
  #followMessages(now: number): void {
    const { bytesBuffered, isInMessage } = this.#watched.reader;
    const bytesTaken = this.#bytesRead - bytesBuffered;
    const isAnother = bytesTaken !== this.#bytesTaken;
    this.#bytesTaken = bytesTaken;
    this.#hasMessage ||= isAnother;
    if (!isInMessage) this.#messageAt = undefined;
    else if (isAnother) this.#messageAt = now;
    else this.#messageAt ??= now;
  }
}

/** `time`, and `passed` milliseconds that do not count; `now` at the latest. */
function later(time: number, passed: number, now: number): number {
  return Math.min(time + passed, now);
}
