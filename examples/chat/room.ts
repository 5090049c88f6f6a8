import { type DispatchContext, ReactorGroup } from "../../mod.ts";
import { chatLines } from "./lines.ts";

/** Somebody who talks. */
export interface Talker {
  /** Empty until it is said. */
  name: string;
  room: Room | undefined;
  readonly ctx: DispatchContext<never>;
}

/** Some of a list, where a line has no room for all. */
const SHOWN = 50;

/** People who hear each other. Who reads too slowly is closed, and holds up nobody. */
export class Room {
  readonly name: string;
  readonly #guests = new Set<Talker>();
  readonly #group = new ReactorGroup<string>({
    codec: chatLines,
    highWaterMark: 64 * 1024,
  });

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#guests.size === 0;
  }

  enter(guest: Talker): void {
    this.say(`* ${guest.name} comes in`);
    this.#guests.add(guest);
    this.#group.add(guest.ctx);
  }

  leave(guest: Talker): void {
    this.#guests.delete(guest);
    this.#group.remove(guest.ctx);
    this.say(`* ${guest.name} leaves`);
  }

  /** Sends a line to everybody here. */
  say(line: string): void {
    this.#group.send(line);
  }

  /** Who is here, for a line. */
  get names(): string {
    return listOf(Array.from(this.#guests, ({ name }) => name));
  }
}

/** As many of `names` as a line has room for. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  const more = names.length - SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
