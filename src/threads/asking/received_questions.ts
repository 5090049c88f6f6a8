import { RuntimeStoppedError } from "../../api/errors.ts";
import { INVALID_REACTOR_ID } from "../../api/reactor_id.ts";
import { Command } from "../../core/commands.ts";
import type { Engine } from "../../core/engine.ts";
import { toError } from "../../core/failures.ts";
import { promiseOf } from "../../util/promises.ts";
import { textOf } from "../../util/text.ts";
import type { ThreadId } from "../thread_id.ts";
import { type Asker, PresentAsker } from "./asker.ts";
import type { QuestionId } from "./questions.ts";

/** Takes the answers to questions, each of which gets one. */
export interface AnswerTaker {
  /** The service answers `value`. */
  answered(id: QuestionId, value: unknown): void;
  /** There is no answer, because of `error`. */
  refused(id: QuestionId, error: Error): void;
}

/** What answers: the services of a thread. */
export interface Answerer {
  /** Calls what is called `service`, and returns what that returns; throws what it throws. */
  call(service: string, param: unknown, from: Asker): unknown;
}

/** The questions of one thread to another, which this is: has them answered. */
export class ReceivedQuestions {
  readonly #engine: Engine<unknown>;
  readonly #services: Answerer;
  readonly #from: ThreadId;
  /** Who asks the questions that are not answered. */
  readonly #askers = new Map<QuestionId, PresentAsker>();

  /** `from` is who asks. */
  constructor(engine: Engine<unknown>, services: Answerer, from: ThreadId) {
    this.#engine = engine;
    this.#services = services;
    this.#from = from;
  }

  /** A question came in, in its place among commands. */
  onAsk(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): void {
    const question = this.#newQuestion(answers, id, service, param);
    const { loop, isClosing } = this.#engine;
    if (loop.canWorkNow) question.execute();
    else if (isClosing) loop.defer(() => question.execute());
    else this.#engine.commands.enqueue(question);
  }

  /** A question of this thread to itself: it is answered in the next turn. */
  onOwn(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): void {
    const question = this.#newQuestion(answers, id, service, param);
    const { loop, isClosing } = this.#engine;
    if (isClosing) return loop.defer(() => question.execute());
    this.#engine.commands.enqueue(question);
    loop.onCommand();
  }

  /** Nobody waits for the answer to `id` any more. */
  onWithdraw(id: QuestionId): void {
    this.#askers.get(id)?.abort();
  }

  /** The thread that asks is gone. */
  lose(): void {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    for (const asker of askers) asker.abort();
  }

  #newQuestion(
    answers: AnswerTaker,
    id: QuestionId,
    service: string,
    param: unknown,
  ): ReceivedQuestion {
    const asker = new PresentAsker(this.#from);
    this.#askers.set(id, asker);
    const taker: Taker = {
      answered: (value) => {
        this.#askers.delete(id);
        answers.answered(id, value);
      },
      refused: (error) => {
        this.#askers.delete(id);
        answers.refused(id, error);
      },
    };
    const call = () => this.#services.call(service, param, asker);
    return new ReceivedQuestion(service, call, taker);
  }
}

interface Taker {
  answered(value: unknown): void;
  refused(error: Error): void;
}

/** A question that waits for its turn, and then for its answer. */
class ReceivedQuestion extends Command<unknown> {
  readonly #service: string;
  readonly #call: () => unknown;
  readonly #taker: Taker;

  constructor(service: string, call: () => unknown, taker: Taker) {
    super((result) => {
      if (result.ok) return;
      // A thread that stops answers as long as it is there.
      if (result.error instanceof RuntimeStoppedError) this.#answer();
      else taker.refused(result.error);
    });
    this.#service = service;
    this.#call = call;
    this.#taker = taker;
  }

  get action(): string {
    return `answer "${textOf(this.#service)}"`;
  }

  execute(): void {
    this.#answer();
    this.succeed(INVALID_REACTOR_ID);
  }

  #answer(): void {
    const refuse = (thrown: unknown) =>
      this.#taker.refused(
        toError(thrown, `the service "${textOf(this.#service)}"`),
      );
    let result: unknown;
    try {
      result = this.#call();
    } catch (thrown) {
      return refuse(thrown);
    }
    const promise = promiseOf(result);
    if (promise === undefined) return this.#taker.answered(result);
    promise.then((value) => this.#taker.answered(value), refuse);
  }
}
