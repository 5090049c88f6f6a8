import type { Way } from "../hub.ts";
import type { Order } from "./orders.ts";

/** Somebody who talks. */
export interface Talker {
  /** Empty until it is said. */
  name: string;
  room: Room | undefined;
  /** The number that its thread knows it by. */
  readonly id: number;
  /** The way to its thread. */
  readonly way: Way<Order>;
}

/** Of more names a line has no room, if each has 20 letters of four bytes. */
const SHOWN = 20;

/** People who hear each other. */
export class Room {
  readonly name: string;
  /** What it is known by, to the threads as well. */
  readonly #key: string;
  readonly #guests = new Set<Talker>();
  /** How many of them each thread has. */
  readonly #threads = new Map<Way<Order>, number>();

  constructor(name: string, key: string) {
    this.name = name;
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#guests.size === 0;
  }

  enter(guest: Talker): void {
    const { id, way } = guest;
    this.say(`* ${guest.name} comes in`);
    this.#guests.add(guest);
    this.#threads.set(way, (this.#threads.get(way) ?? 0) + 1);
    way.send({ type: "enter", guest: id, room: this.#key });
  }

  leave(guest: Talker): void {
    const { id, way } = guest;
    this.#guests.delete(guest);
    const left = (this.#threads.get(way) ?? 0) - 1;
    if (left > 0) this.#threads.set(way, left);
    else this.#threads.delete(way);
    way.send({ type: "leave", guest: id, room: this.#key });
    this.say(`* ${guest.name} leaves`);
  }

  /** Sends a line to everybody here: once to each thread. */
  say(line: string): void {
    const order = { type: "say", room: this.#key, line } as const;
    for (const way of this.#threads.keys()) way.send(order, line.length);
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
