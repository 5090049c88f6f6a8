import { DuplicateNameError, ReactorNotFoundError } from "../errors.ts";
import type { NameMessage } from "./control.ts";
import { Names } from "./names.ts";
import { type ReactorUID, showUid } from "./reactor_uid.ts";

/** Asks all workers; resolves to their answers by runtime, without those that ended meanwhile. */
export type AskAll = (message: NameMessage) => Promise<Map<number, unknown>>;

/** Decides in the main thread who has a name, and lets all workers know. */
export class NameRegistry {
  readonly names = new Names();
  readonly #askAll: AskAll;

  constructor(askAll: AskAll) {
    this.#askAll = askAll;
  }

  async add(name: string, uid: ReactorUID): Promise<void> {
    const holder = this.names.find(name);
    if (holder !== undefined) {
      throw new DuplicateNameError(
        `Cannot call ${showUid(uid)} "${name}": ${showUid(holder)} is`,
      );
    }
    this.names.set(name, uid);
    const answers = await this.#askAll({ type: "addName", name, uid });
    if (answers.get(uid.runtimeId) === true) return;
    await this.remove(name, uid);
    throw new ReactorNotFoundError(
      `Cannot call ${showUid(uid)} "${name}": it was closed, or never was`,
    );
  }

  async remove(name: string, uid: ReactorUID): Promise<boolean> {
    if (!this.names.remove(name, uid)) return false;
    await this.#askAll({ type: "removeName", name, uid });
    return true;
  }

  /** Removes the names of a runtime whose thread is gone. */
  async removeRuntime(runtimeId: number): Promise<void> {
    const gone = this.names.ofRuntime(runtimeId);
    await Promise.all(gone.map(([name, uid]) => this.remove(name, uid)));
  }
}
