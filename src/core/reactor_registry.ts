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

  /** Holds `limit` of them at most; 2^20 if it is left out. */
  constructor(limit?: number) {
    this.#reactors = new SlotMap(limit);
  }

  /** How many there are. */
  get size(): number {
    return this.#reactors.size;
  }

  /** How many of them are connections. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** Keeps ids within these generations; to be called before there is one. */
  limitGenerations(first: number, last: number): void {
    this.#reactors.limitGenerations(first, last);
  }

  /** The one with this `id`; undefined if it is closed, or never was. */
  get(id: ReactorID): Registered<UserCommand> | undefined {
    return this.#reactors.get(id);
  }

  /** Adds `reactor` and gives it its id. Throws {@linkcode ResourcesExhaustedError} if there is no room. */
  add(reactor: Registered<UserCommand>): void {
    if (this.#reactors.full) {
      throw new ResourcesExhaustedError(
        `Cannot add a reactor: the runtime has ${this.#reactors.size}`,
      );
    }
    reactor.id = this.#reactors.add(reactor) as ReactorID;
    if (reactor instanceof Connection) this.#connectionCount++;
  }

  /** From now on the id of `reactor` finds nothing. */
  remove(reactor: Registered<UserCommand>): void {
    this.#reactors.remove(reactor.id);
    if (reactor instanceof Connection) this.#connectionCount--;
  }

  /** True if a reactor wants to finish something before its connection is closed. */
  get canDrain(): boolean {
    return this.connections().some(({ canDrain }) => canDrain);
  }

  /** The connections that there are now. */
  connections(): Connection<UserCommand>[] {
    const found: Connection<UserCommand>[] = [];
    for (const reactor of this.#reactors.values()) {
      if (reactor instanceof Connection) found.push(reactor);
    }
    return found;
  }

  /** The listeners that there are now. */
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
