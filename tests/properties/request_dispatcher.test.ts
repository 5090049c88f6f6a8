import assert from "node:assert/strict";
import {
  CodecError,
  ConnectionClosedError,
  RequestCancelledError,
  RequestLostError,
  RequestQueueFullError,
  RequestTimeoutError,
} from "../../src/api/errors.ts";
import type { ScheduledCall } from "../../src/api/scheduled_call.ts";
import { SendOrQueueResult } from "../../src/api/send_result.ts";
import { byProperty } from "../../src/toolkit/requests/correlation.ts";
import { newCorrelators } from "../../src/toolkit/requests/client/correlators.ts";
import {
  RequestDispatcher,
  type RequestLink,
} from "../../src/toolkit/requests/client/request_dispatcher.ts";
import { RequestTally } from "../../src/stats/request_tally.ts";
import { type CaseDraw, property } from "./property.ts";
import {
  type Fate,
  type ModelSettings,
  RequestModel,
} from "./request_model.ts";

type Step =
  | {
    readonly do: "ask";
    readonly timeoutMs: number;
    readonly isIdempotent: boolean;
    readonly isEncodable: boolean;
  }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "answer"; readonly which: number }
  | { readonly do: "answer with an unknown id" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "connect" | "disconnect" | "end" };

interface Case {
  readonly settings: ModelSettings;
  readonly steps: readonly Step[];
}

interface Message {
  readonly number: number;
  readonly id: number;
  readonly isEncodable: boolean;
}

const UNKNOWN_ID = 99;

function draw(random: CaseDraw): Case {
  return {
    settings: {
      isInOrder: random.chance(0.5),
      window: random.integer(1, 4),
      maxQueue: random.integer(0, 4),
      idCount: random.integer(1, 4),
    },
    steps: random.list(60, step),
  };
}

function step(random: CaseDraw): Step {
  const kind = random.pick(
    [
      "ask",
      "ask",
      "ask",
      "answer",
      "answer",
      "wait",
      "connect",
      "cancel",
      "disconnect",
      "answer with an unknown id",
      "end",
    ] as const,
  );
  switch (kind) {
    case "ask":
      return {
        do: kind,
        timeoutMs: random.pick([0, 5, 10, 20]),
        isIdempotent: random.chance(0.3),
        isEncodable: !random.chance(0.1),
      };
    case "cancel":
    case "answer":
      return { do: kind, which: random.integer(0, 5) };
    case "wait":
      return { do: kind, ms: random.integer(1, 12) };
    case "end":
      return { do: random.chance(0.1) ? "end" : "connect" };
    default:
      return { do: kind };
  }
}

/** A call scheduled on the clock below. */
class Call implements ScheduledCall {
  readonly deadline: number;
  readonly callback: () => void;
  isPending = true;

  constructor(deadline: number, callback: () => void) {
    this.deadline = deadline;
    this.callback = callback;
  }

  cancel(): boolean {
    const wasPending = this.isPending;
    this.isPending = false;
    return wasPending;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/** A dispatcher, with a clock and a connection that the test controls. */
class Subject {
  readonly wire: [number: number, id: number][] = [];
  readonly fates: (Fate | undefined)[] = [];
  readonly controllers: AbortController[] = [];
  readonly dispatcher: RequestDispatcher<Message, Message>;
  unsolicitedCount = 0;
  isAborted = false;
  now = 0;
  readonly tally: RequestTally = new RequestTally({
    now: () => this.now,
  });
  #calls: Call[] = [];

  constructor({ isInOrder, window, maxQueue, idCount }: ModelSettings) {
    const correlate = isInOrder
      ? "in-order" as const
      : byProperty("id", { maxId: idCount - 1 });
    this.dispatcher = new RequestDispatcher<Message, Message>({
      maxQueue,
      tally: this.tally,
      newCorrelator: newCorrelators<Message, Message>({ correlate }, window),
      after: (delayMs, callback) => {
        const call = new Call(this.now + delayMs, callback);
        this.#calls.push(call);
        return call;
      },
      lateMs: () => 0,
      onBusy: () => assert.equal(this.dispatcher.isIdle, false),
      onIdle: () => assert.ok(this.dispatcher.isIdle),
    });
  }

  /** How many time limits are pending. */
  get pendingCallCount(): number {
    return this.#calls.filter(({ isPending }) => isPending).length;
  }

  ask(timeoutMs: number, isIdempotent: boolean, isEncodable: boolean): void {
    const number = this.fates.length;
    const controller = new AbortController();
    this.controllers.push(controller);
    this.fates.push(undefined);
    const tell = (fate: Fate) => {
      assert.equal(this.fates[number], undefined, "it is told once");
      this.fates[number] = fate;
    };
    this.dispatcher.request(
      { number, id: UNKNOWN_ID, isEncodable },
      { timeoutMs, signal: controller.signal, isIdempotent, isFirst: false },
      {
        resolve(answer) {
          assert.equal(answer.number, number, "it gets its own answer");
          assert.equal(answer.id, UNKNOWN_ID, "with its own id");
          tell("answered");
        },
        reject: (error) => {
          if (
            error instanceof RequestTimeoutError ||
            error instanceof RequestCancelledError
          ) assert.equal(error.wasSent, this.#wasSent(number));
          tell(fateOf(error));
        },
      },
    );
  }

  #wasSent(number: number): boolean {
    return this.wire.some(([sent]) => sent === number);
  }

  connect(): void {
    const link: RequestLink<Message> = {
      peer: "the peer",
      isFull: false,
      onceOut: () => assert.fail("it is never full"),
      send: ({ number, id, isEncodable }) => {
        if (!isEncodable) throw new CodecError("not to be encoded");
        this.wire.push([number, id === UNKNOWN_ID ? 0 : id]);
        return SendOrQueueResult.Complete;
      },
      abort: () => void (this.isAborted = true),
    };
    this.dispatcher.attach(link);
  }

  disconnect(): void {
    this.isAborted = false;
    this.dispatcher.detach(new Error("gone"));
  }

  answer(number: number, id: number): void {
    const isAnswer = this.dispatcher.receive({ number, id, isEncodable: true });
    if (!isAnswer) this.unsolicitedCount++;
  }

  advance(end: number): void {
    for (;;) {
      this.#calls = this.#calls.filter(({ isPending }) => isPending);
      const [due] = this.#calls.filter(({ deadline }) => deadline <= end)
        .sort((a, b) => a.deadline - b.deadline);
      if (due === undefined) break;
      this.now = due.deadline;
      due.isPending = false;
      due.callback();
    }
    this.now = end;
  }
}

const FATES: readonly [new (message: string) => Error, Fate][] = [
  [RequestTimeoutError, "timed out"],
  [RequestCancelledError, "cancelled"],
  [RequestLostError, "lost"],
  [ConnectionClosedError, "closed"],
  [RequestQueueFullError, "full"],
  [CodecError, "unencodable"],
];

function fateOf(error: unknown): Fate {
  const found = FATES.find(([errorClass]) => error instanceof errorClass);
  assert.ok(found !== undefined, `${error}`);
  return found[1];
}

/** Applies one step to both, if possible. */
function take(
  step: Step,
  isInOrder: boolean,
  model: RequestModel,
  subject: Subject,
): void {
  switch (step.do) {
    case "ask": {
      const { timeoutMs, isIdempotent, isEncodable } = step;
      model.ask(timeoutMs, isIdempotent, isEncodable);
      return subject.ask(timeoutMs, isIdempotent, isEncodable);
    }
    case "cancel": {
      const open = model.requests.filter(({ fate }) => fate === undefined);
      const request = open.at(step.which);
      if (request === undefined) return;
      model.cancel(request.number);
      return subject.controllers[request.number].abort();
    }
    case "answer": {
      const sent = model.sent.at(isInOrder ? 0 : step.which) ??
        model.sent.at(0);
      if (sent === undefined) return;
      model.answer(sent.id);
      const id = isInOrder ? UNKNOWN_ID : sent.id;
      return subject.answer(sent.request.number, id);
    }
    case "answer with an unknown id": {
      if (!model.isConnected) return;
      if (isInOrder && model.sent.length > 0) return;
      model.answer(UNKNOWN_ID);
      return subject.answer(-1, UNKNOWN_ID);
    }
    case "wait": {
      const end = model.now + step.ms;
      model.advance(end);
      return subject.advance(end);
    }
    case "connect": {
      if (model.isConnected || model.isEnded) return;
      model.connect();
      return subject.connect();
    }
    case "disconnect": {
      if (!model.isConnected) return;
      model.disconnect();
      return subject.disconnect();
    }
    case "end": {
      model.end();
      return subject.dispatcher.end(new ConnectionClosedError("the end"));
    }
  }
}

function compare(model: RequestModel, subject: Subject): void {
  const { dispatcher } = subject;
  assert.deepEqual(subject.fates, model.requests.map(({ fate }) => fate));
  assert.deepEqual(subject.wire, model.wire);
  assert.equal(dispatcher.queuedCount, model.queue.length);
  assert.equal(dispatcher.inFlightCount, model.inFlightCount);
  assert.equal(dispatcher.overdueCount, model.overdueCount);
  assert.equal(dispatcher.lateCount, model.lateCount);
  assert.equal(subject.unsolicitedCount, model.unsolicitedCount);
  assert.equal(subject.isAborted, model.isAborted);
  const waiting = model.requests.filter(({ fate }) => fate === undefined);
  assert.equal(dispatcher.isIdle, waiting.length === 0);
  const { begun, answered, failed, inFlight } = subject.tally.stats();
  assert.equal(begun, model.requests.length);
  assert.equal(answered, dispatcher.answeredCount);
  assert.equal(inFlight, waiting.length);
  const timedOut = model.requests.filter(({ fate }) => fate === "timed out");
  assert.equal(failed.RequestTimeoutError ?? 0, timedOut.length);
  assert.deepEqual(dispatcher.stats(), subject.tally.stats());
  const timed = [
    ...model.queue,
    ...model.sent.filter(({ isOverdue }) => !isOverdue)
      .map(({ request }) => request),
  ].filter(({ deadline }) => deadline < Infinity);
  assert.equal(subject.pendingCallCount, timed.length);
}

property(
  "a client of requests does what its model does: what is sent, in which order, with which ids, and what becomes of each request",
  { runs: 1500 },
  draw,
  ({ settings, steps }) => {
    const model = new RequestModel(settings);
    const subject = new Subject(settings);
    const { isInOrder } = settings;
    for (const step of steps) {
      take(step, isInOrder, model, subject);
      compare(model, subject);
      if (!model.isAborted) continue;
      take({ do: "disconnect" }, isInOrder, model, subject);
      compare(model, subject);
    }
  },
);
