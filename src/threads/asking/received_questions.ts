import type { Engine } from "../../core/engine.ts";
import { toError } from "../../api/to_error.ts";
import { promiseOf } from "../../util/promises.ts";
import { textOf } from "../../util/text.ts";
import { showThread, type ThreadId } from "../thread_id.ts";
import { type Asker, PresentAsker } from "./asker.ts";
import type { QuestionId } from "./questions.ts";
import { ReceivedCall } from "./received_call.ts";

/** Takes the answers to questions, one for each. */
export interface AnswerTaker {
  /** The service answers `value`. */
  answered(id: QuestionId, value: unknown): void;
  /** There is no answer, because of `error`. */
  refused(id: QuestionId, error: Error): void;
}

/** Learns when messages are processed. */
export interface ToldTaker {
  /** One more, of `size` bytes, is processed, whether it failed or not. */
  processed(size: number): void;
}

/** The services of a thread. */
export interface Answerer {
  /** Calls the function called `service`: returns what it returns, throws what it throws. */
  call(service: string, param: unknown, from: Asker): unknown;
}

/** Passes the questions and messages from one other thread to the services of this one. */
export class ReceivedQuestions {
  readonly #engine: Engine<unknown>;
  readonly #services: Answerer;
  readonly #from: ThreadId;
  /** The askers of unanswered questions. */
  readonly #askers = new Map<QuestionId, PresentAsker>();
  /** The senders of unfinished messages. */
  readonly #tellers = new Set<PresentAsker>();

  /** `from` is the other thread. */
  constructor(engine: Engine<unknown>, services: Answerer, from: ThreadId) {
    this.#engine = engine;
    this.#services = services;
    this.#from = from;
  }

  /** A question came in, in order with commands. */
  onAsk(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): void {
    this.#carryOut(this.#newQuestion(answers, id, service, param));
  }

  /** A message came in, in order with commands. */
  onTell(
    taker: ToldTaker,
    service: string,
    param: unknown,
    size: number,
  ): void {
    if (this.#engine.loop.canWorkNow) this.#take(taker, service, param, size);
    else this.#carryOut(this.#newMessage(taker, service, param, size));
  }

  /** A question of this thread to itself: it is answered in the next turn. */
  onOwn(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): void {
    this.#carryOutLater(this.#newQuestion(answers, id, service, param));
  }

  /** A message of this thread to itself: it is handled in the next turn. */
  onOwnTell(
    taker: ToldTaker,
    service: string,
    param: unknown,
    size: number,
  ): void {
    this.#carryOutLater(this.#newMessage(taker, service, param, size));
  }

  /** Nobody waits for the answer to `id` any more. */
  onWithdraw(id: QuestionId): void {
    this.#askers.get(id)?.abort();
  }

  /** The other thread is gone. */
  lose(): void {
    const askers = [...this.#askers.values(), ...this.#tellers];
    this.#askers.clear();
    this.#tellers.clear();
    for (const asker of askers) asker.abort();
  }

  #carryOut(call: ReceivedCall): void {
    const { loop, isClosing, commands } = this.#engine;
    if (loop.canWorkNow) call.execute();
    else if (isClosing) loop.defer(() => call.execute());
    else commands.enqueue(call);
  }

  #carryOutLater(call: ReceivedCall): void {
    const { loop, isClosing, commands } = this.#engine;
    if (isClosing) return loop.defer(() => call.execute());
    commands.enqueue(call);
    loop.onCommand();
  }

  #newQuestion(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): ReceivedCall {
    const asker = new PresentAsker(this.#from);
    this.#askers.set(id, asker);
    const answered = (value: unknown) => {
      this.#askers.delete(id);
      answers.answered(id, value);
    };
    const refused = (error: Error) => {
      this.#askers.delete(id);
      answers.refused(id, error);
    };
    const run = () => this.#call(service, param, asker, answered, refused);
    return new ReceivedCall(`answer "${textOf(service)}"`, run, refused);
  }

  #newMessage(
    taker: ToldTaker,
    service: string,
    param: unknown,
    size: number,
  ): ReceivedCall {
    const run = () => this.#take(taker, service, param, size);
    return new ReceivedCall(this.#takeAction(service), run, (error) => {
      taker.processed(size);
      this.#logFailed(service, error);
    });
  }

  #take(
    taker: ToldTaker,
    service: string,
    param: unknown,
    size: number,
  ): void {
    const teller = new PresentAsker(this.#from);
    this.#tellers.add(teller);
    const done = () => {
      this.#tellers.delete(teller);
      taker.processed(size);
    };
    this.#call(service, param, teller, done, (error) => {
      done();
      this.#logFailed(service, error);
    });
  }

  /** Nobody waits for the result of a message, so a failure is logged. */
  #logFailed(service: string, error: Error): void {
    this.#engine.serviceMessages.failed++;
    this.#engine.commands.logFailure(this.#takeAction(service), error);
  }

  #takeAction(service: string): string {
    return `take what ${showThread(this.#from)} told "${textOf(service)}"`;
  }

  /** Calls `service`, and then either `succeed` or `fail`, once. */
  #call(
    service: string,
    param: unknown,
    from: Asker,
    succeed: (value: unknown) => void,
    fail: (error: Error) => void,
  ): void {
    const refuse = (thrown: unknown) =>
      fail(toError(thrown, `the service "${textOf(service)}"`));
    let result: unknown;
    try {
      result = this.#services.call(service, param, from);
    } catch (thrown) {
      return refuse(thrown);
    }
    const promise = promiseOf(result);
    if (promise === undefined) return succeed(result);
    promise.then(succeed, refuse);
  }
}
