import { UnknownRuntimeError, UnknownServiceError } from "../../api/errors.ts";
import { textOf } from "../../util/text.ts";
import { showThread, type ThreadId } from "../thread_id.ts";
import type { Place } from "./questions.ts";

/** Where one thread sends its questions and messages. */
export class Places {
  readonly #threadCount: number;
  readonly #placeOf: (thread: ThreadId) => Place | undefined;

  /** `placeOf` returns the place of a thread; undefined if there is no such thread. */
  constructor(
    threadCount: number,
    placeOf: (thread: ThreadId) => Place | undefined,
  ) {
    this.#threadCount = threadCount;
    this.#placeOf = placeOf;
  }

  /** The place of `thread`. Throws {@linkcode UnknownRuntimeError}, whose message names `action`. */
  of(thread: ThreadId, action: () => string): Place {
    const place = this.#placeOf(thread);
    if (place !== undefined) return place;
    throw new UnknownRuntimeError(
      `Cannot ${action()}: there are "main" and 0 to ${this.#threadCount - 1}`,
    );
  }

  /** The place of `thread`, to ask or tell its `service`. Throws {@linkcode UnknownServiceError} if `service` is not a string. */
  ofService(verb: "ask" | "tell", service: string, thread: ThreadId): Place {
    const place = this.of(thread, () => actionOf(verb, service, thread));
    if (typeof service === "string") return place;
    throw new UnknownServiceError(
      `Cannot ${
        actionOf(verb, service, thread)
      }: the name of a service is a string`,
    );
  }
}

/** Describes asking or telling `service` of `thread`, for messages. */
export function actionOf(
  verb: "ask" | "tell",
  service: string,
  thread: ThreadId,
): string {
  return `${verb} "${textOf(service)}" of ${showThread(thread)}`;
}
