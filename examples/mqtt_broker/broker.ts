import { logWarn } from "../../mod.ts";
import { AbsentSessions } from "./absent_sessions.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { Connect, Message, Qos, Subscription } from "./packets.ts";
import { REFUSED } from "./packets.ts";
import { RetainedMessages } from "./retained.ts";
import { type Recipient, Session } from "./session.ts";
import { isFilter, SubscriptionTree } from "./topics.ts";

/** What a client gets when it connects. */
export interface AdmittedClient {
  readonly session: Session;
  /** The client had this session before. */
  readonly isPresent: boolean;
}

/** Delivers each message to all sessions that have subscribed to its topic. */
export class Broker {
  readonly limits: Limits;
  readonly #sessions = new Map<string, Session>();
  readonly #absent: AbsentSessions;
  readonly #subscriptions = new SubscriptionTree<Session, 0 | 1>();
  readonly #retained: RetainedMessages;
  #connectedCount = 0;
  #droppedCount = 0;
  #forgottenCount = 0;
  #notRetainedCount = 0;
  #toldCount = 0;
  #unnamedCount = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...LIMITS, ...limits };
    this.#absent = new AbsentSessions(this.limits);
    this.#retained = new RetainedMessages(this.limits);
  }

  /** Gives a client its session. If another connection has that session, it is closed. */
  admit({ clientId, clean }: Connect): AdmittedClient {
    // No client can choose this id: U+0000 is not allowed in one.
    const id = clientId || `\0${++this.#unnamedCount}`;
    const before = this.#sessions.get(id);
    if (before !== undefined) this.#takeOver(before);
    const isPresent = before !== undefined && !clean && !before.isClean;
    if (before !== undefined && !isPresent) this.#forget(before);
    const session = isPresent ? before : this.#newSession(id, clean);
    this.#sessions.set(id, session);
    this.#absent.delete(session);
    this.#connectedCount++;
    return { session, isPresent };
  }

  /** The connection of `client`, which has `session`, is gone. */
  leave(session: Session, client: Recipient): void {
    this.#connectedCount--;
    if (session.recipient !== client) return; // another one has taken it over
    session.detach();
    if (session.isClean) return this.#forget(session);
    this.#absent.add(session);
    this.#forgetWhatIsTooMuch();
  }

  publish(message: Message): void {
    if (message.retain && !this.#retained.keep(message)) {
      this.#notRetainedCount++;
    }
    // A session with several matching subscriptions gets it once, by the best QoS.
    const recipients = new Map<Session, 0 | 1>();
    this.#subscriptions.match(message.topic, (session, granted) => {
      if ((recipients.get(session) ?? 0) <= granted) {
        recipients.set(session, granted);
      }
    });
    const fresh = { ...message, retain: false };
    for (const [session, granted] of recipients) {
      const { bytes } = session;
      session.deliver(fresh, lower(granted, message.qos));
      if (session.isAbsent) this.#absent.grow(session.bytes - bytes);
    }
    this.#forgetWhatIsTooMuch();
  }

  /** Subscribes `session`, and returns what was granted. {@linkcode tellRetained} then sends what was retained. */
  subscribe(session: Session, wanted: readonly Subscription[]): number[] {
    return wanted.map(({ filter, qos }) => {
      const granted = lower(1, qos);
      const isGranted = isFilter(filter) && session.subscribe(filter, granted);
      if (!isGranted) return REFUSED;
      this.#subscriptions.set(filter, session, granted);
      return granted;
    });
  }

  tellRetained(session: Session, filters: Iterable<string>): void {
    for (const filter of filters) {
      const granted = session.subscriptions.get(filter);
      if (granted === undefined) continue;
      for (const message of this.#retained.matching(filter)) {
        session.deliver(message, lower(granted, message.qos));
      }
    }
  }

  unsubscribe(session: Session, filters: readonly string[]): void {
    for (const filter of filters) {
      session.unsubscribe(filter);
      this.#subscriptions.delete(filter, session);
    }
  }

  /** A message to a client was dropped for lack of room. */
  countDropped(): void {
    this.#droppedCount++;
  }

  /** Publishes the broker's counters, and logs if anything was dropped since the last call. */
  report(): void {
    const counts = {
      "clients/connected": this.#connectedCount,
      "clients/disconnected": this.#absent.count,
      "clients/disconnected/bytes": this.#absent.bytes,
      "clients/expired": this.#forgottenCount,
      "messages/dropped": this.#droppedCount,
      "retained messages/count": this.#retained.count,
      "retained messages/refused": this.#notRetainedCount,
    };
    for (const [name, count] of Object.entries(counts)) {
      const payload = new TextEncoder().encode(`${count}`);
      const topic = `$SYS/broker/${name}`;
      this.publish({ topic, payload, qos: 0, retain: true });
    }
    const lost = this.#droppedCount + this.#forgottenCount +
      this.#notRetainedCount;
    if (lost === this.#toldCount) return;
    this.#toldCount = lost;
    logWarn(
      `for lack of room, so far: ${this.#droppedCount} messages dropped,`,
      `${this.#notRetainedCount} not retained,`,
      `${this.#forgottenCount} sessions forgotten`,
    );
  }

  #newSession(clientId: string, isClean: boolean): Session {
    const onDropped = () => this.countDropped();
    return new Session(clientId, isClean, this.limits, onDropped);
  }

  #takeOver(session: Session): void {
    const { recipient } = session;
    session.detach();
    recipient?.takeOver();
  }

  #forgetWhatIsTooMuch(): void {
    for (let first; (first = this.#absent.tooMuch);) {
      this.#forget(first);
      this.#forgottenCount++;
    }
  }

  #forget(session: Session): void {
    this.#absent.delete(session);
    this.unsubscribe(session, [...session.subscriptions.keys()]);
    this.#sessions.delete(session.clientId);
  }
}

/** The lower of the two. QoS 2 is never granted. */
function lower(granted: Qos, qos: Qos): 0 | 1 {
  return qos === 0 || granted === 0 ? 0 : 1;
}
