import type { Channel } from "../hub.ts";
import type { ChatCommand } from "./messages.ts";

/** Takes commands to a thread that has guests. */
export type GuestThread = Channel<ChatCommand>;

/** Somebody who talks. */
export interface Talker {
  /** Empty until it is said. */
  name: string;
  room: Room | undefined;
  /** The number that its thread knows it by. */
  readonly id: number;
  readonly thread: GuestThread;
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
  readonly #threads = new Map<GuestThread, number>();

  constructor(name: string, key: string) {
    this.name = name;
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#guests.size === 0;
  }

  enter(guest: Talker): void {
    const { id, thread } = guest;
    this.say(`* ${guest.name} comes in`);
    this.#guests.add(guest);
    this.#threads.set(thread, (this.#threads.get(thread) ?? 0) + 1);
    thread.send({ type: "enter", client: id, room: this.#key });
  }

  leave(guest: Talker): void {
    const { id, thread } = guest;
    this.#guests.delete(guest);
    const left = (this.#threads.get(thread) ?? 0) - 1;
    if (left > 0) this.#threads.set(thread, left);
    else this.#threads.delete(thread);
    thread.send({ type: "leave", client: id, room: this.#key });
    this.say(`* ${guest.name} leaves`);
  }

  /** Sends a line to everybody here: once to each thread. */
  say(line: string): void {
    const command = { type: "say", room: this.#key, line } as const;
    for (const thread of this.#threads.keys()) {
      thread.send(command, line.length);
    }
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
