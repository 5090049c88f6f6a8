import type { Limits } from "./limits.ts";
import type { Session } from "./session.ts";

/** Sessions whose clients are gone, in the order in which they left. */
export class AbsentSessions {
  readonly #limits: Limits;
  readonly #sessions = new Set<Session>();
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** How many bytes they hold together. */
  get bytes(): number {
    return this.#bytes;
  }

  add(session: Session): void {
    this.#sessions.add(session);
    this.#bytes += session.bytes;
  }

  delete(session: Session): void {
    if (this.#sessions.delete(session)) this.#bytes -= session.bytes;
  }

  /** One of them holds `bytes` more. */
  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The one whose client left first, if there are too many or they hold too much. */
  get tooMuch(): Session | undefined {
    const { absentSessions, absentBytes } = this.#limits;
    const fits = this.count <= absentSessions && this.#bytes <= absentBytes;
    return fits ? undefined : this.#sessions.values().next().value;
  }
}
