import type { ReactorID } from "../../api/reactor_id.ts";
import type { Engine } from "../../core/engine.ts";
import { ListenerState } from "../../core/listener_state.ts";
import type { ListenerStats } from "../../stats/stats.ts";

/** The parts of shared listeners in this thread, each until its last connection is closed. */
export class ListenerParts {
  readonly #engine: Engine<unknown>;
  readonly #parts = new Map<ReactorID, ListenerState<unknown>>();

  constructor(engine: Engine<unknown>) {
    this.#engine = engine;
  }

  /** Resolves to the final statistics of the part `id` when it has ended; to undefined if there is none. */
  async end(id: ReactorID): Promise<ListenerStats | undefined> {
    const part = this.#engine.reactors.get(id);
    if (!(part instanceof ListenerState)) return undefined;
    this.#parts.set(id, part);
    await new Promise<void>((resolve) => part.onceEnded(resolve));
    this.#parts.delete(id);
    return part.stats();
  }

  /** The current statistics of the part `id`; undefined if it has ended. */
  stats(id: ReactorID): ListenerStats | undefined {
    return this.#parts.get(id)?.stats();
  }
}
