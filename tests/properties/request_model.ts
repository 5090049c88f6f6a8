// What a client of requests should do, written as plainly as possible.

/** The outcome of a request. */
export type Fate =
  | "answered"
  | "timed out"
  | "cancelled"
  | "lost"
  | "closed"
  | "full"
  | "unencodable";

/** The settings of a modelled client. */
export interface ModelSettings {
  readonly isInOrder: boolean;
  readonly window: number;
  readonly maxQueue: number;
  readonly idCount: number;
}

export interface ModelRequest {
  readonly number: number;
  readonly deadline: number;
  readonly isIdempotent: boolean;
  readonly isEncodable: boolean;
  fate: Fate | undefined;
}

interface Sent {
  readonly request: ModelRequest;
  readonly id: number;
  isOverdue: boolean;
}

export class RequestModel {
  now = 0;
  isConnected = false;
  isEnded = false;
  /** The connection was aborted, and is about to close. */
  isAborted = false;
  readonly requests: ModelRequest[] = [];
  queue: ModelRequest[] = [];
  sent: Sent[] = [];
  /** What was sent, in order: the number of the request and its id. */
  readonly wire: [number: number, id: number][] = [];
  lateCount = 0;
  unsolicitedCount = 0;
  #nextId = 0;
  readonly #settings: ModelSettings;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  get overdueCount(): number {
    return this.sent.filter(({ isOverdue }) => isOverdue).length;
  }

  get inFlightCount(): number {
    return this.sent.length - this.overdueCount;
  }

  get #hasRoom(): boolean {
    return this.sent.length < this.#windowSize;
  }

  get #isStuck(): boolean {
    return this.overdueCount === this.#windowSize;
  }

  get #windowSize(): number {
    const { isInOrder, window, idCount } = this.#settings;
    return isInOrder ? window : Math.min(window, idCount);
  }

  ask(
    timeoutMs: number,
    isIdempotent: boolean,
    isEncodable: boolean,
  ): void {
    const request: ModelRequest = {
      number: this.requests.length,
      deadline: timeoutMs === 0 ? Infinity : this.now + timeoutMs,
      isIdempotent,
      isEncodable,
      fate: undefined,
    };
    this.requests.push(request);
    const { length } = this.queue;
    const isNext = this.isConnected && length === 0 && this.#hasRoom;
    if (this.isEnded) request.fate = "closed";
    else if (!isNext && length >= this.#settings.maxQueue) {
      request.fate = "full";
    } else this.queue.push(request);
    this.#send();
  }

  cancel(number: number): void {
    const request = this.requests[number];
    if (request.fate !== undefined) return;
    request.fate = "cancelled";
    const isSent = this.sent.some((one) => one.request === request);
    this.queue = this.queue.filter((one) => one !== request);
    if (isSent && request.deadline === Infinity) this.#expire(request);
  }

  connect(): void {
    this.isConnected = true;
    this.#send();
  }

  disconnect(): void {
    this.isConnected = this.isAborted = false;
    const waiting = this.sent.map(({ request }) => request)
      .filter(({ fate }) => fate === undefined);
    this.sent = [];
    this.queue.unshift(...waiting.filter(({ isIdempotent }) => isIdempotent));
    for (const request of waiting) {
      if (!request.isIdempotent) request.fate = "lost";
    }
  }

  /** An answer arrives with this id, or in order. */
  answer(id: number): void {
    const at = this.#settings.isInOrder
      ? this.sent.length > 0 ? 0 : -1
      : this.sent.findIndex((one) => one.id === id);
    if (at < 0) {
      this.unsolicitedCount++;
      return;
    }
    const [{ request }] = this.sent.splice(at, 1);
    if (request.fate === undefined) request.fate = "answered";
    else this.lateCount++;
    this.#send();
  }

  /** Advances the time to `end`, handling every timeout on the way. */
  advance(end: number): void {
    for (;;) {
      const due = this.#nextDue(end);
      if (due === undefined) break;
      this.now = due.deadline;
      this.#expire(due);
    }
    this.now = end;
  }

  end(): void {
    this.isEnded = true;
    for (const { request } of this.sent) request.fate ??= "lost";
    for (const request of this.queue) request.fate = "closed";
    this.queue = [];
    this.sent = [];
  }

  /** The first request that times out by `end`: a queued one, or a sent one whose answer is not overdue yet. */
  #nextDue(end: number): ModelRequest | undefined {
    const isTimed = (request: ModelRequest) =>
      this.queue.includes(request) ||
      this.sent.some((one) => one.request === request && !one.isOverdue);
    return this.requests.filter(isTimed)
      .filter(({ deadline }) => deadline <= end)
      .sort((a, b) => a.deadline - b.deadline || a.number - b.number)[0];
  }

  #expire(request: ModelRequest): void {
    const isQueued = this.queue.includes(request);
    this.queue = this.queue.filter((one) => one !== request);
    request.fate ??= "timed out";
    if (isQueued) return;
    for (const one of this.sent) {
      if (one.request === request) one.isOverdue = true;
    }
    if (this.#isStuck) this.isAborted = true;
    else this.#send();
  }

  #send(): void {
    while (this.isConnected && this.queue.length > 0 && this.#hasRoom) {
      const request = this.queue.shift() as ModelRequest;
      const id = this.#giveId();
      if (!request.isEncodable) {
        request.fate = "unencodable";
        continue;
      }
      this.sent.push({ request, id, isOverdue: false });
      this.wire.push([request.number, id]);
    }
  }

  #giveId(): number {
    if (this.#settings.isInOrder) return 0;
    for (;;) {
      const id = this.#nextId;
      this.#nextId = (id + 1) % this.#settings.idCount;
      if (!this.sent.some((one) => one.id === id)) return id;
    }
  }
}
