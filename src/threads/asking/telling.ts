import { RuntimeStoppedError, WorkerExitedError } from "../../api/errors.ts";
import { withAction } from "../../core/failures.ts";
import type { ServiceMessageTally } from "../../stats/service_message_tally.ts";
import { showThread, type ThreadId } from "../thread_id.ts";
import { actionOf, type Places } from "./places.ts";
import { TELL_OPTIONS, type TellOptions, TellResult } from "./tell_options.ts";

/** Sends the messages of one thread, to itself and to others. */
export class Telling {
  readonly #tally: ServiceMessageTally;
  readonly #places: Places;

  constructor(tally: ServiceMessageTally, places: Places) {
    this.#tally = tally;
    this.#places = places;
  }

  /** Sends `param` to `service` of `thread`. Throws if an argument is wrong. */
  tell(
    thread: ThreadId,
    service: string,
    param: unknown,
    options?: TellOptions,
  ): TellResult {
    const { transfer } = options === undefined
      ? TELL_OPTIONS.defaults
      : TELL_OPTIONS.fill(options);
    const place = this.#places.ofService("tell", service, thread);
    if (place.room.isFull) return this.#refused(TellResult.Full);
    const error = place.sendTell(service, param, transfer);
    if (error === undefined) {
      this.#tally.sent++;
      return TellResult.Sent;
    }
    const isGone = error instanceof WorkerExitedError ||
      error instanceof RuntimeStoppedError;
    if (isGone) return this.#refused(TellResult.Gone);
    throw withAction(error, actionOf("tell", service, thread));
  }

  /** Resolves when there is room for messages to `thread`, or it is gone. */
  async whenRoom(thread: ThreadId): Promise<void> {
    const action = () => `tell ${showThread(thread)} anything`;
    await this.#places.of(thread, action).room.whenRoom();
  }

  #refused(result: TellResult): TellResult {
    this.#tally.refused++;
    return result;
  }
}
