import { logWarn } from "../../mod.ts";
import { AbsentSessions } from "./absent_sessions.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { Connect, Message, Qos, Subscription } from "./packets.ts";
import { REFUSED } from "./packets.ts";
import { RetainedMessages } from "./retained.ts";
import { type Recipient, Session } from "./session.ts";
import { isFilter, SubscriptionTree } from "./topics.ts";

/** What a client has got by its connect. */
export interface AdmittedClient {
  readonly session: Session;
  /** It is the one that the client had before. */
  readonly isPresent: boolean;
}

/** Hands messages on to all sessions that have subscribed to their topics. */
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

  /** Gives a client its session; whoever had it before is told so. */
  admit({ clientId, clean }: Connect): AdmittedClient {
    // No client has such an id of its own: none has U+0000.
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
    // Whoever has several subscriptions for it gets it once, by the best of them.
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

  /** Subscribes `session`; returns what was granted. What was retained follows by {@linkcode tellRetained}. */
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

  /** There was no room for a message to a client. */
  countDropped(): void {
    this.#droppedCount++;
  }

  /** Publishes what the broker has counted, and says what it has dropped since it was called last. */
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

/** The lower of the two, of which QoS 2 is granted to nobody. */
function lower(granted: Qos, qos: Qos): 0 | 1 {
  return qos === 0 || granted === 0 ? 0 : 1;
}
