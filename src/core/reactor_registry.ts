import { ResourcesExhaustedError } from "../api/errors.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import { SlotMap } from "../util/slot_map.ts";
import { Connection } from "./connection.ts";
import { ListenerState } from "./listener_state.ts";

/** A connection or a listener: whatever has an id in a runtime. */
export type Registered<UserCommand> =
  | Connection<UserCommand>
  | ListenerState<UserCommand>;

/** The reactors and listeners of a runtime, by their ids. */
export class ReactorRegistry<UserCommand> {
  readonly #reactors: SlotMap<Registered<UserCommand>>;
  #connectionCount = 0;

  /** Holds at most `limit` of them, by default 2^20. */
  constructor(limit?: number) {
    this.#reactors = new SlotMap(limit);
  }

  /** Number of reactors and listeners. */
  get size(): number {
    return this.#reactors.size;
  }

  /** Number of connections. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /**
   * Restricts ids to these generations. Must be called before the first is
   * added.
   */
  limitGenerations(first: number, last: number): void {
    this.#reactors.limitGenerations(first, last);
  }

  /** Finds by `id`; undefined if it has closed, or never existed. */
  get(id: ReactorID): Registered<UserCommand> | undefined {
    return this.#reactors.get(id);
  }

  /**
   * Adds `reactor`, and gives it an id. Throws
   * {@linkcode ResourcesExhaustedError} if there is no room.
   */
  add(reactor: Registered<UserCommand>): void {
    if (this.#reactors.full) {
      throw new ResourcesExhaustedError(
        `Cannot add a reactor: the runtime has ${this.#reactors.size}`,
      );
    }
    reactor.id = this.#reactors.add(reactor) as ReactorID;
    if (reactor instanceof Connection) this.#connectionCount++;
  }

  /** Removes `reactor`; its id finds nothing from now on. */
  remove(reactor: Registered<UserCommand>): void {
    this.#reactors.remove(reactor.id);
    if (reactor instanceof Connection) this.#connectionCount--;
  }

  /** True if any reactor has `onDrain`. */
  get canDrain(): boolean {
    return this.connections().some(({ canDrain }) => canDrain);
  }

  /** The current connections. */
  connections(): Connection<UserCommand>[] {
    const found: Connection<UserCommand>[] = [];
    for (const reactor of this.#reactors.values()) {
      if (reactor instanceof Connection) found.push(reactor);
    }
    return found;
  }

  /** The current listeners. */
  listeners(): ListenerState<UserCommand>[] {
    const all = [...this.#reactors.values()];
    return all.filter((one) => one instanceof ListenerState);
  }

  /** Closes all of them. */
  closeAll(reason: Error): void {
    for (const reactor of this.#reactors.values()) void reactor.close(reason);
  }

  /** Closes all listeners. */
  closeListeners(reason: Error): void {
    for (const listener of this.listeners()) void listener.close(reason);
  }

  /** Aborts all connections. */
  abortAll(reason: Error): void {
    for (const connection of this.connections()) connection.abort(reason);
  }
}
