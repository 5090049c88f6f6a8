import { textOf } from "../../util/text.ts";
import { withAction } from "../../core/failures.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import {
  DuplicateNameError,
  NamingTimeoutError,
  ReactorNotFoundError,
} from "../../api/errors.ts";
import type { Control } from "../link/control.ts";
import { Names } from "./names.ts";
import { type NameMessage, NAMING_OPTIONS } from "./naming.ts";
import { isSameReactor, type ReactorUID, showUid } from "../reactor_uid.ts";
import { within } from "../manager/within.ts";

/** The workers, as seen by the registry. */
export interface NamedThreads {
  /** The control links to the current workers, by runtime. */
  controls(): Map<number, Control>;
  /** Why a runtime has no worker; undefined if there is no such runtime. */
  lossOf(runtimeId: number): Error | undefined;
}

/**
 * Decides, in the main thread, who has a name, and tells all workers. The thread of
 * the reactor must confirm that the reactor exists. The registry waits for the
 * others until the time limit; slower ones learn the name when they are free.
 */
export class NameRegistry {
  readonly names = new Names();
  readonly #loop: TurnLoop<unknown>;
  readonly #threads: NamedThreads;
  /** The names that are not confirmed yet. */
  readonly #reserved = new Map<string, ReactorUID>();

  constructor(loop: TurnLoop<unknown>, threads: NamedThreads) {
    this.#loop = loop;
    this.#threads = threads;
  }

  async add(message: NameMessage): Promise<void> {
    const { name, uid, timeoutMs } = message;
    const action = `name ${showUid(uid)} "${textOf(name)}"`;
    const holder = this.names.find(name) ?? this.#reserved.get(name);
    if (holder !== undefined) {
      throw new DuplicateNameError(
        `Cannot ${action}: that is the name of ${showUid(holder)}`,
      );
    }
    const deadline = this.#loop.now() + timeoutMs;
    this.#reserved.set(name, uid);
    try {
      const isThere = await this.#confirm(message, action);
      // If the reactor was closed at once, that may be known before the answer comes.
      if (!isThere || this.#reserved.get(name) !== uid) {
        throw new ReactorNotFoundError(
          `Cannot ${action}: it was closed, or never was`,
        );
      }
      this.names.set(name, uid);
    } finally {
      if (this.#reserved.get(name) === uid) this.#reserved.delete(name);
    }
    await this.#broadcast(message, deadline, uid.runtimeId);
  }

  async remove(message: NameMessage): Promise<boolean> {
    const { name, uid, timeoutMs } = message;
    const deadline = this.#loop.now() + timeoutMs;
    if (!this.names.remove(name, uid) && !this.#release(name, uid)) {
      return false;
    }
    await this.#broadcast(message, deadline);
    return true;
  }

  /** Removes the names of a runtime whose thread is gone. */
  async removeRuntime(runtimeId: number): Promise<void> {
    await Promise.all(
      this.names.ofRuntime(runtimeId).map(([name, uid]) =>
        this.remove({
          type: "removeName",
          name,
          uid,
          timeoutMs: NAMING_OPTIONS.defaults.timeoutMs,
        })
      ),
    );
  }

  #release(name: string, uid: ReactorUID): boolean {
    const reserved = this.#reserved.get(name);
    return reserved !== undefined && isSameReactor(reserved, uid) &&
      this.#reserved.delete(name);
  }

  /** Asks the thread of the reactor whether the reactor is there; from then on that thread knows the name. */
  async #confirm(message: NameMessage, action: string): Promise<boolean> {
    const { name, uid, timeoutMs } = message;
    const control = this.#threads.controls().get(uid.runtimeId);
    if (control === undefined) {
      const loss = this.#threads.lossOf(uid.runtimeId);
      if (loss === undefined) return false;
      throw withAction(loss, action);
    }
    let isThere = false;
    const asked = control.ask(message).then(
      (answer) => isThere = answer === true,
      (error) => {
        throw withAction(error, action);
      },
    );
    if (!await within(this.#loop, asked, timeoutMs)) {
      control.tell({ type: "removeName", name, uid, timeoutMs });
      throw new NamingTimeoutError(
        `Cannot ${action}: its thread did not confirm within ${timeoutMs} ms`,
      );
    }
    return isThere;
  }

  /** Sends `message` to all workers except that of `knowing`, and waits for them until `deadline`. */
  async #broadcast(
    message: NameMessage,
    deadline: number,
    knowing?: number,
  ): Promise<void> {
    const loop = this.#loop;
    const answers: Promise<unknown>[] = [];
    for (const [runtimeId, control] of this.#threads.controls()) {
      if (runtimeId === knowing) continue;
      answers.push(
        control.ask(message).catch(() => {
          // The worker has ended, and with it its copy of the names.
        }),
      );
    }
    const restMs = Math.max(0, deadline - loop.now());
    await within(loop, Promise.all(answers), restMs);
  }
}
