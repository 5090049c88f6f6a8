import type { CommandId } from "../api/command.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import { SlotMap, slotOf } from "../util/slot_map.ts";
import { TimerQueue } from "../util/timer_queue.ts";
import { type Command, UserCmdCommand } from "./commands.ts";

/**
 * The uncompleted commands of a runtime, and the due times of the deferred
 * ones.
 *
 * A deferred user command that nobody awaits is detached: only the user's value
 * is stored, with its target as the tag of the slot. There may be very many,
 * and the garbage collector would copy an object for each of them twice.
 */
export class PendingCommands<UserCommand> {
  readonly #pending = new SlotMap<unknown>();
  /** The slots of deferred commands. */
  readonly #deferred = new TimerQueue();

  /** Number of commands. */
  get size(): number {
    return this.#pending.size;
  }

  /** Number of deferred commands. */
  get deferredCount(): number {
    return this.#deferred.size;
  }

  /** When the first deferred command is due; `Infinity` if there is none. */
  get earliestDeadline(): number {
    return this.#deferred.earliest;
  }

  has(id: CommandId): boolean {
    return this.#pending.has(id);
  }

  /** The command `id`, which must exist and not be detached. */
  get(id: CommandId): Command<UserCommand> {
    return this.commandAt(slotOf(id));
  }

  /** Adds `command`, and gives it an id. */
  add(command: Command<UserCommand>): CommandId {
    const id = this.#pending.add(command) as CommandId;
    command.id = id;
    return id;
  }

  /** Adds `cmd` for `target`, detached and due at `deadline`. */
  addDetached(
    target: ReactorID,
    cmd: UserCommand,
    deadline: number,
  ): CommandId {
    const id = this.#pending.add(cmd) as CommandId;
    this.#deferred.setTag(slotOf(id), target);
    this.defer(id, deadline);
    return id;
  }

  /** Defers the command `id` until `deadline`. */
  defer(id: CommandId, deadline: number): void {
    this.#deferred.push(slotOf(id), deadline);
  }

  /** Ends the deferral of `command`. Returns false if it is not deferred. */
  undefer({ id }: Command<UserCommand>): boolean {
    return id !== undefined && this.#deferred.remove(slotOf(id));
  }

  /** Removes `command`, which is completed. */
  remove({ id }: Command<UserCommand>): void {
    if (id !== undefined) this.#pending.remove(id);
  }

  /**
   * Takes a command that is due at `now` off the deferred ones. Returns its
   * slot.
   */
  popDue(now: number): number | undefined {
    return this.#deferred.popDue(now);
  }

  /** The command in `slot`, which is not detached. */
  commandAt(slot: number): Command<UserCommand> {
    return this.#pending.at(slot) as Command<UserCommand>;
  }

  /**
   * Returns the target of the command in `slot` if it is detached, else
   * `INVALID_REACTOR_ID`.
   */
  detachedTarget(slot: number): ReactorID {
    return this.#deferred.tag(slot) as ReactorID;
  }

  /**
   * Removes the detached command in `slot`, and returns the user's value. It is
   * `unknown` so that a runtime stays assignable to one for other commands.
   */
  takeDetached(slot: number): unknown {
    this.#deferred.remove(slot);
    this.#deferred.setTag(slot, INVALID_REACTOR_ID);
    return this.#pending.removeAt(slot);
  }

  /** Removes the command `id` if it is detached. Returns false if it is not. */
  cancelDetached(id: CommandId): boolean {
    const slot = slotOf(id);
    if (!this.#isDetached(slot)) return false;
    this.takeDetached(slot);
    return true;
  }

  /** Removes all detached commands, and yields an object for each. */
  *attachAll(): IterableIterator<Command<UserCommand>> {
    for (const slot of this.#pending.slots()) {
      if (!this.#isDetached(slot)) continue;
      const target = this.detachedTarget(slot);
      const cmd = this.takeDetached(slot) as UserCommand;
      yield new UserCmdCommand(target, cmd, undefined);
    }
  }

  /** All commands that are not detached. */
  *commands(): IterableIterator<Command<UserCommand>> {
    for (const slot of this.#pending.slots()) {
      if (!this.#isDetached(slot)) yield this.commandAt(slot);
    }
  }

  #isDetached(slot: number): boolean {
    return this.detachedTarget(slot) !== INVALID_REACTOR_ID;
  }
}
