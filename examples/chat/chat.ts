import type { Hub } from "../hub.ts";
import { type Directory, Guest } from "./guest.ts";
import type { ChatCommand, ChatEvent } from "./messages.ts";
import { type GuestThread, listOf, Room, type Talker } from "./room.ts";

/** All guests, in whatever thread, and their rooms. */
export class Chat implements Hub<ChatEvent, ChatCommand>, Directory {
  readonly #maxRooms: number;
  /** Guests that have sent something, by their thread and number. */
  readonly #guests = new WeakMap<GuestThread, Map<number, Guest>>();
  /** Guests by name, in lower case, so that no two names look alike. */
  readonly #names = new Map<string, Talker>();
  /** Rooms that are not empty, by name, likewise. */
  readonly #rooms = new Map<string, Room>();

  constructor(maxRooms: number) {
    this.#maxRooms = maxRooms;
  }

  onEvent(event: ChatEvent, thread: GuestThread): void {
    const ofThread = this.#guests.get(thread) ?? new Map<number, Guest>();
    this.#guests.set(thread, ofThread);
    const { client } = event;
    const guest = ofThread.get(client) ?? new Guest(this, client, thread);
    switch (event.type) {
      case "line":
        ofThread.set(client, guest);
        return guest.hear(event.line);
      case "end":
        return guest.leave();
      case "gone":
        ofThread.delete(client);
        return this.remove(guest);
    }
  }

  add(guest: Talker, name: string): boolean {
    const key = keyOf(name);
    if (this.#names.has(key)) return false;
    this.#names.set(key, guest);
    guest.name = name;
    return true;
  }

  join(guest: Talker, name: string): boolean {
    const key = keyOf(name);
    const room = this.#rooms.get(key) ?? this.#newRoom(name, key);
    if (room === undefined) return false;
    if (room === guest.room) return true;
    this.#leaveRoom(guest);
    this.#rooms.set(key, room);
    guest.room = room;
    room.enter(guest);
    return true;
  }

  get rooms(): string {
    return listOf(Array.from(this.#rooms.values(), ({ name }) => name));
  }

  remove(guest: Talker): void {
    this.#leaveRoom(guest);
    if (guest.name !== "") this.#names.delete(keyOf(guest.name));
    guest.name = "";
  }

  #newRoom(name: string, key: string): Room | undefined {
    return this.#rooms.size < this.#maxRooms ? new Room(name, key) : undefined;
  }

  #leaveRoom(guest: Talker): void {
    const { room } = guest;
    if (room === undefined) return;
    guest.room = undefined;
    room.leave(guest);
    if (room.isEmpty) this.#rooms.delete(keyOf(room.name));
  }
}

function keyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}
