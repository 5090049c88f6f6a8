import { listOf, Room, type Talker } from "./room.ts";

/** Everybody who talks, whatever they are connected by, and their rooms. */
export class Chat {
  readonly #maxRooms: number;
  /** By the name in lower case: two that look alike are one. */
  readonly #guests = new Map<string, Talker>();
  /** Those with somebody in them, likewise. */
  readonly #rooms = new Map<string, Room>();

  constructor(maxRooms: number) {
    this.#maxRooms = maxRooms;
  }

  /** Gives `guest` its name. Returns false if somebody has it. */
  add(guest: Talker, name: string): boolean {
    const key = keyOf(name);
    if (this.#guests.has(key)) return false;
    this.#guests.set(key, guest);
    guest.name = name;
    return true;
  }

  /** Moves `guest` to a room, which is made for that. Returns false if there are too many. */
  join(guest: Talker, name: string): boolean {
    const key = keyOf(name);
    const room = this.#rooms.get(key) ?? this.#newRoom(name);
    if (room === undefined) return false;
    if (room === guest.room) return true;
    this.#leaveRoom(guest);
    this.#rooms.set(key, room);
    guest.room = room;
    room.enter(guest);
    return true;
  }

  /** `guest` is gone. */
  remove(guest: Talker): void {
    this.#leaveRoom(guest);
    if (guest.name !== "") this.#guests.delete(keyOf(guest.name));
  }

  /** The names of the rooms, for a line. */
  get rooms(): string {
    return listOf(Array.from(this.#rooms.values(), ({ name }) => name));
  }

  #newRoom(name: string): Room | undefined {
    return this.#rooms.size < this.#maxRooms ? new Room(name) : undefined;
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
