import type { Limits } from "./limits.ts";
import { type Message, type Packet, type Qos, sizeOf } from "./packets.ts";
import { sizeOfFilter } from "./topics.ts";

const LAST_ID = 0xffff;
/** Overhead of a session, and of each message and id that it holds: estimates. */
const SESSION_BYTES = 1000;
const MESSAGE_BYTES = 200;
const ID_BYTES = 32;

/** What a session needs of a connection. */
export interface Recipient {
  /** Sends a packet; one of QoS 0 is dropped if too much waits to be sent. */
  send(packet: Packet): void;
  /** Another connection has taken the session over. */
  takeOver(): void;
}

/** What a broker remembers of a client: its subscriptions, the messages that it has not acknowledged, and those that wait. */
export class Session {
  readonly clientId: string;
  /** The session ends with the connection. */
  readonly isClean: boolean;
  /** Ids of messages of QoS 2 from the client, which must not be published twice. */
  readonly receivedIds = new Set<number>();
  readonly #limits: Limits;
  readonly #onDropped: () => void;
  readonly #subscriptions = new Map<string, Qos>();
  #subscriptionBytes = 0;
  #recipient: Recipient | undefined = undefined;
  /** Sent and not acknowledged, in order. */
  readonly #inFlight = new Map<number, Message>();
  readonly #queue: Message[] = [];
  #queuedBytes = 0;
  #inFlightBytes = 0;
  #lastId = 0;

  /** `onDropped` is called for each message that there is no room for. */
  constructor(
    clientId: string,
    isClean: boolean,
    limits: Limits,
    onDropped: () => void,
  ) {
    this.clientId = clientId;
    this.isClean = isClean;
    this.#limits = limits;
    this.#onDropped = onDropped;
  }

  get recipient(): Recipient | undefined {
    return this.#recipient;
  }

  /** The client is not connected. */
  get isAbsent(): boolean {
    return this.#recipient === undefined;
  }

  /** How many bytes it holds, as an estimate. */
  get bytes(): number {
    const messages = this.#inFlight.size + this.#queue.length;
    return SESSION_BYTES + this.clientId.length + this.#subscriptionBytes +
      this.#inFlightBytes + this.#queuedBytes + MESSAGE_BYTES * messages +
      ID_BYTES * this.receivedIds.size;
  }

  /** The granted QoS of each filter. */
  get subscriptions(): ReadonlyMap<string, Qos> {
    return this.#subscriptions;
  }

  /** Adds a subscription. Returns false if there is no room for `filter`. */
  subscribe(filter: string, granted: Qos): boolean {
    if (!this.#subscriptions.has(filter)) {
      const { subscriptions, subscriptionBytes } = this.#limits;
      const bytes = this.#subscriptionBytes + sizeOfFilter(filter);
      const hasRoom = this.#subscriptions.size < subscriptions &&
        bytes <= subscriptionBytes;
      if (!hasRoom) return false;
      this.#subscriptionBytes = bytes;
    }
    this.#subscriptions.set(filter, granted);
    return true;
  }

  unsubscribe(filter: string): void {
    if (!this.#subscriptions.delete(filter)) return;
    this.#subscriptionBytes -= sizeOfFilter(filter);
  }

  /** The client has connected: sends again what it has not acknowledged, and then what waits. */
  attach(recipient: Recipient): void {
    this.#recipient = recipient;
    for (const [id, message] of this.#inFlight) {
      recipient.send({ type: "publish", ...message, qos: 1, dup: true, id });
    }
    this.#sendWaiting();
  }

  /** The client is gone. */
  detach(): void {
    this.#recipient = undefined;
  }

  /** Sends `message` with QoS 0 or 1, or lets it wait. */
  deliver(message: Message, qos: 0 | 1): void {
    if (qos === 0) return this.#sendOnce(message);
    if (this.#queue.length === 0 && this.#hasWindowFor(message)) {
      return this.#sendUntilAcknowledged(message);
    }
    const { queuedMessages, queuedBytes } = this.#limits;
    const hasRoom = this.#queue.length < queuedMessages &&
      this.#queuedBytes + sizeOf(message) <= queuedBytes;
    if (!hasRoom) return this.#onDropped();
    this.#queue.push(message);
    this.#queuedBytes += sizeOf(message);
  }

  /** The client has acknowledged a message. */
  acknowledge(id: number): void {
    const message = this.#inFlight.get(id);
    if (message === undefined) return;
    this.#inFlight.delete(id);
    this.#inFlightBytes -= sizeOf(message);
    this.#sendWaiting();
  }

  /** A message of QoS 0 is lost if the client is gone. */
  #sendOnce(message: Message): void {
    this.#recipient?.send({
      type: "publish",
      ...message,
      qos: 0,
      dup: false,
      id: 0,
    });
  }

  /** True if the client is connected and `message` may be sent now, with QoS 1. */
  #hasWindowFor(message: Message): boolean {
    const { inFlight, inFlightBytes } = this.#limits;
    const { size } = this.#inFlight;
    return this.#recipient !== undefined && size < inFlight &&
      (size === 0 || this.#inFlightBytes + sizeOf(message) <= inFlightBytes);
  }

  #sendWaiting(): void {
    let count = 0;
    for (const message of this.#queue) {
      if (!this.#hasWindowFor(message)) break;
      count++;
      this.#queuedBytes -= sizeOf(message);
      this.#sendUntilAcknowledged(message);
    }
    if (count > 0) this.#queue.splice(0, count);
  }

  #sendUntilAcknowledged(message: Message): void {
    const id = this.#nextId();
    this.#inFlight.set(id, message);
    this.#inFlightBytes += sizeOf(message);
    this.#recipient?.send({
      type: "publish",
      ...message,
      qos: 1,
      dup: false,
      id,
    });
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1;
    } while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}
