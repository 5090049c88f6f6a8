import { withAction } from "../../core/failures.ts";
import { Timeout } from "../../core/time_limits.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import { logDebug } from "../../util/log.ts";
import { isError } from "../../util/text.ts";
import type { ThreadId } from "../thread_id.ts";
import { ASK_OPTIONS, type AskOptions } from "./ask_options.ts";
import { actionOf, type Places } from "./places.ts";
import { Question } from "./question.ts";
import type { Place, QuestionId } from "./questions.ts";

/** Sends the questions of one thread, to itself and to others. */
export class Asking {
  readonly #loop: TurnLoop<unknown>;
  readonly #places: Places;
  #lateAnswerCount = 0;

  constructor(loop: TurnLoop<unknown>, places: Places) {
    this.#loop = loop;
    this.#places = places;
  }

  /** How many answers came too late. */
  get lateAnswerCount(): number {
    return this.#lateAnswerCount;
  }

  /** Asks `service` of `thread`; resolves to the answer. */
  async ask(
    thread: ThreadId,
    service: string,
    param: unknown,
    options: AskOptions = {},
  ): Promise<unknown> {
    const { timeoutMs, transfer, signal } = ASK_OPTIONS.fill(options);
    const action = actionOf("ask", service, thread);
    const place = this.#places.ofService("ask", service, thread);
    if (signal?.aborted) throw signal.reason;
    const question = new Question(action, () => this.#onLateAnswer(action));
    const id = place.questions.add(
      question,
      (id) => place.sendAsk(id, service, param, transfer),
    );
    if (isError(id)) throw withAction(id, action);
    this.#limit(question, place, id, timeoutMs, signal);
    return await question.answer;
  }

  /** Ends `question` after `timeoutMs`, unless that is 0, or when `signal` is aborted. */
  #limit(
    question: Question,
    place: Place,
    id: QuestionId,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): void {
    const timeout = new Timeout(() => {
      if (question.expire(timeoutMs)) place.sendWithdraw(id);
    });
    const onAbort = () => {
      if (question.giveUp(signal?.reason)) place.sendWithdraw(id);
    };
    if (timeoutMs > 0) this.#loop.arm(timeout, timeoutMs);
    const release = () => {
      this.#loop.disarm(timeout);
      signal?.removeEventListener("abort", onAbort);
    };
    question.answer.then(release, release);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort(); // while the parameter was copied
  }

  #onLateAnswer(action: string): void {
    this.#lateAnswerCount++;
    logDebug(`Dropped the answer to "${action}": nobody waits for it any more`);
  }
}
