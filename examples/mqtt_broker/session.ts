import type { Limits } from "./limits.ts";
import { type Message, type Packet, type Qos, sizeOf } from "./packets.ts";
import { sizeOfFilter } from "./topics.ts";

const LAST_ID = 0xffff;
/** What a session takes besides what it holds, and each message and id of it, about. */
const SESSION_BYTES = 1000;
const MESSAGE_BYTES = 200;
const ID_BYTES = 32;

/** A connection, as far as its session needs one. */
export interface Recipient {
  /** Sends a packet; one of QoS 0 is dropped if too much waits to be sent. */
  send(packet: Packet): void;
  /** Another connection has the session now. */
  takeOver(): void;
}

/** What a broker remembers of a client: what it has subscribed to, and what it has not acknowledged yet. */
export class Session {
  readonly clientId: string;
  /** It ends with the connection. */
  readonly isClean: boolean;
  /** Of messages of QoS 2 that came in: they are not to be taken again. */
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

  /** Its client is gone. */
  get isAbsent(): boolean {
    return this.#recipient === undefined;
  }

  /** How much it holds, about. */
  get bytes(): number {
    const messages = this.#inFlight.size + this.#queue.length;
    return SESSION_BYTES + this.clientId.length + this.#subscriptionBytes +
      this.#inFlightBytes + this.#queuedBytes + MESSAGE_BYTES * messages +
      ID_BYTES * this.receivedIds.size;
  }

  /** What was granted, by the filter. */
  get subscriptions(): ReadonlyMap<string, Qos> {
    return this.#subscriptions;
  }

  /** Notes that `granted` was granted. Returns false if there is no room for `filter`. */
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

  /** Its client is there: it is sent again what it has not acknowledged, and then what waits. */
  attach(recipient: Recipient): void {
    this.#recipient = recipient;
    for (const [id, message] of this.#inFlight) {
      recipient.send({ type: "publish", ...message, qos: 1, dup: true, id });
    }
    this.#sendWaiting();
  }

  /** Its client is gone. */
  detach(): void {
    this.#recipient = undefined;
  }

  /** Sends `message` with the QoS 0 or 1, or has it wait. */
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

  /** A message of QoS 0 does not wait for who is gone. */
  #sendOnce(message: Message): void {
    this.#recipient?.send({
      type: "publish",
      ...message,
      qos: 0,
      dup: false,
      id: 0,
    });
  }

  /** The client is there, and may be sent `message` of QoS 1 now. */
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
