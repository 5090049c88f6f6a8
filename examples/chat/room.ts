import type { Channel } from "../hub.ts";
import type { ChatCommand } from "./messages.ts";

/** Carries commands to a thread that serves guests. */
export type GuestThread = Channel<ChatCommand>;

/** A guest, as far as rooms need one. */
export interface Talker {
  /** Empty until the guest has said it. */
  name: string;
  room: Room | undefined;
  /** The number that its thread gave it. */
  readonly id: number;
  readonly thread: GuestThread;
}

/** How many names fit into a line, if each has 20 letters of four bytes. */
const SHOWN = 20;

/** A room: its guests get each other's lines. */
export class Room {
  readonly name: string;
  /** Names the room in commands to threads. */
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

  /** The names of its guests, as they fit into a line. */
  get names(): string {
    return listOf(Array.from(this.#guests, ({ name }) => name));
  }
}

/** As many of `names` as fit into a line. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  const more = names.length - SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
