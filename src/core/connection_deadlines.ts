import type { ConnectionSettings } from "../api/options/connection.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { HELD_UP_MS } from "../tuning.ts";

/**
 * The deadlines that run until the connection closes, with the options that set
 * them. If several expire at once, the first in this list wins.
 */
const OPEN_LIMITS = {
  idle: "idleTimeoutMs",
  writeIdle: "writeIdleTimeoutMs",
  send: "sendTimeoutMs",
  readIdle: "readIdleTimeoutMs",
  firstMessage: "firstMessageTimeoutMs",
  message: "messageTimeoutMs",
} as const;

/** All deadlines of a connection, with their options. */
export const LIMITS = { ...OPEN_LIMITS, close: "closeTimeoutMs" } as const;

export type Deadline = keyof typeof LIMITS;

const WHILE_OPEN = Object.keys(OPEN_LIMITS) as readonly Deadline[];

/** The deadlines that run while it closes. */
const WHILE_CLOSING: readonly Deadline[] = ["close"];

/** The connection that is watched, and notified of missed deadlines. */
export interface TimedConnection {
  readonly reader: {
    readonly bytesIn: number;
    readonly bytesBuffered: number;
    readonly isInMessage: boolean;
  };
  readonly sender: { readonly bytesQueued: number };
  /** True if the peer may send, and reading is not paused. */
  readonly isReading: boolean;
  /** True if sends are accepted. */
  readonly isSending: boolean;
  /** True if what the peer sends waits for the user, or for its turn. */
  readonly isKeptWaiting: boolean;
  /**
   * `deadline` has expired. Called again after the same time, if it still
   * applies.
   */
  onOverdue(deadline: Deadline): void;
}

const Phase = { Open: 0, Closing: 1, Over: 2 } as const;
type Phase = typeof Phase[keyof typeof Phase];

/**
 * The deadlines of one connection: `idleTimeoutMs`, `readIdleTimeoutMs`,
 * `writeIdleTimeoutMs`, `firstMessageTimeoutMs`, `messageTimeoutMs`,
 * `sendTimeoutMs`, and, once it closes, `closeTimeoutMs`.
 *
 * They share one timer, which is rearmed not on every event, but only when it
 * turns out to have fired too early. So a read or a write costs one look at the
 * clock, and a message nothing.
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
  /**
   * When the connection opened, moved forward by the time that does not count.
   */
  #openedAt: number;
  /** When the incomplete message began, likewise. */
  #messageAt: number | undefined = undefined;

  /** Since when bytes have been queued without any going out. */
  #waitingSince: number | undefined = undefined;

  #hasMessage = false;
  #bytesHandedOut = 0;
  #bytesSent = 0;

  /** Up to when time was accounted for, and what held since then. */
  #seenUntil: number;
  #wasReading = true;
  #wasKeptWaiting = false;

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

  /**
   * True if a connection with `settings` has any deadlines while it is open.
   */
  static areIn(settings: ConnectionSettings): boolean {
    return WHILE_OPEN.some((deadline) => settings[LIMITS[deadline]] > 0);
  }

  /** Starts all deadlines. */
  start(): void {
    this.#arm();
  }

  /** The connection closes: from now on only `closeTimeoutMs` counts. */
  beginClosing(): void {
    this.#phase = Phase.Closing;
    this.#wasKeptWaiting = false;
    this.#movedAt = this.#loop.now();
    this.#arm();
  }

  /** Stops all deadlines. */
  stop(): void {
    this.#phase = Phase.Over;
    this.#loop.disarm(this.#timeout);
  }

  /** Bytes came in, and were handed out as far as possible. */
  onRead(): void {
    const now = this.#loop.now();
    this.#readAt = this.#movedAt = now;
    if (!this.#followsMessages) return;
    this.#followMessages(now);
    const { messageTimeoutMs } = this.#settings;
    if (this.#messageAt !== now || messageTimeoutMs === 0) return;
    this.#armAt(now + messageTimeoutMs);
  }

  /**
   * In total `bytesSent` bytes have gone out, as many as possible of those
   * queued.
   */
  onSent(bytesSent: number): void {
    if (this.#followsSends && this.#phase === Phase.Open) {
      this.#followSends(bytesSent);
    }
    if (bytesSent === this.#bytesSent) return;
    this.#bytesSent = bytesSent;
    this.#sentAt = this.#movedAt = this.#loop.now();
  }

  /**
   * Reading was paused or resumed, or what a pause held back was handed out as
   * far as possible.
   */
  onPauseChanged(): void {
    this.#look();
    this.#arm();
  }

  #onTimeout(): void {
    // Sockets have been served since this time, but not necessarily since a
    // later one.
    const { deadline } = this.#timeout;
    const now = this.#look();
    const lateMs = now - deadline;
    // The peer is given that time back, and as much again to catch up.
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

  /** Returns a deadline that has expired at `time`. */
  #overdueAt(time: number): Deadline | undefined {
    return this.#all.find((deadline) => this.#dueAt(deadline) <= time);
  }

  get #all(): readonly Deadline[] {
    return this.#phase === Phase.Open ? WHILE_OPEN : WHILE_CLOSING;
  }

  /** Returns when `deadline` expires; `Infinity` if it is not running. */
  #dueAt(deadline: Deadline): number {
    const ms = this.#settings[LIMITS[deadline]];
    if (ms === 0 || this.#phase === Phase.Over) return Infinity;
    return (this.#since(deadline) ?? Infinity) + ms;
  }

  /**
   * Returns since when `deadline`, one of the current phase, has been running;
   * undefined if it is not.
   */
  #since(deadline: Deadline): number | undefined {
    const { isKeptWaiting, isSending, isReading } = this.#watched;
    switch (deadline) {
      case "close":
        return this.#movedAt;
      case "idle":
        return isKeptWaiting ? undefined : this.#movedAt;
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

  /** Arms the timer for the first deadline. */
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

  /** Accounts for the time since the last call. Returns the current time. */
  #look(): number {
    const now = this.#loop.now();
    const passed = now - this.#seenUntil;
    this.#seenUntil = now;
    if (this.#wasKeptWaiting) this.#movedAt = now;
    if (!this.#wasReading) {
      this.#readAt = now;
      this.#excuseMessages(passed, now);
    }
    this.#wasKeptWaiting = this.#watched.isKeptWaiting;
    this.#wasReading = this.#watched.isReading;
    if (this.#watched.sender.bytesQueued > 0) this.#sentAt = now;
    this.#followMessages(now);
    return now;
  }

  /** Tracks since when queued bytes have not gone out. */
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

  /** Excludes `passed` milliseconds before `now` from the time of messages. */
  #excuseMessages(passed: number, now: number): void {
    this.#openedAt = later(this.#openedAt, passed, now);
    if (this.#messageAt === undefined) return;
    this.#messageAt = later(this.#messageAt, passed, now);
  }

  /** Tracks when a message began, and whether any was completed. */
  #followMessages(now: number): void {
    const { bytesIn, bytesBuffered, isInMessage } = this.#watched.reader;
    const bytesHandedOut = bytesIn - bytesBuffered;
    const isAnother = bytesHandedOut !== this.#bytesHandedOut;
    this.#bytesHandedOut = bytesHandedOut;
    this.#hasMessage ||= isAnother;
    if (!isInMessage) this.#messageAt = undefined;
    else if (isAnother) this.#messageAt = now;
    else this.#messageAt ??= now;
  }
}

/**
 * Returns `time` plus `passed` milliseconds that do not count, but at most
 * `now`.
 */
function later(time: number, passed: number, now: number): number {
  return Math.min(time + passed, now);
}
