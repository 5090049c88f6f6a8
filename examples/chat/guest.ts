import type { GuestThread, Room, Talker } from "./room.ts";

/** What the name of a guest or of a room may be. */
const NAME = /^[\p{L}\p{N}_-]{1,20}$/u;

const HELP =
  "* /join ROOM goes to a room, /rooms lists them, /who tells who is here, /quit leaves";

/** Gives guests their names, and moves them to rooms. */
export interface Directory {
  /** Gives `guest` its name. Returns false if another guest has it. */
  add(guest: Talker, name: string): boolean;
  /** Moves `guest` to a room, and makes that first if need be. Returns false if there are too many. */
  join(guest: Talker, name: string): boolean;
  /** `guest` leaves its room, and its name is free. */
  remove(guest: Talker): void;
  /** The names of the rooms, as they fit into a line. */
  readonly rooms: string;
}

/** One guest. It says its name first, and is in a room from then on. */
export class Guest implements Talker {
  readonly id: number;
  readonly thread: GuestThread;
  name = "";
  room: Room | undefined = undefined;
  readonly #directory: Directory;
  #isLeaving = false;

  constructor(directory: Directory, id: number, thread: GuestThread) {
    this.#directory = directory;
    this.id = id;
    this.thread = thread;
  }

  hear(line: string): void {
    if (this.#isLeaving) return;
    if (this.name === "") this.#introduce(line);
    else if (line.startsWith("/")) this.#obey(line);
    else if (line !== "") this.room?.say(`${this.name}: ${line}`);
  }

  /** It leaves; what it was sent before still goes out. */
  leave(): void {
    this.#isLeaving = true;
    this.#directory.remove(this);
    this.thread.send({ type: "close", client: this.id });
  }

  /** Sends a line to this guest alone. */
  #tell(line: string): void {
    this.thread.send({ type: "tell", client: this.id, line }, line.length);
  }

  #introduce(name: string): void {
    if (!NAME.test(name)) {
      return this.#tell("* A name has 1 to 20 letters and digits. Try again.");
    }
    if (!this.#directory.add(this, name)) {
      return this.#tell(`* ${name} is taken. Try another one.`);
    }
    this.#tell(`* Hello ${name}. ${HELP.slice(2)}.`);
    this.#join("lobby");
  }

  #obey(line: string): void {
    const [command, room = ""] = line.split(/ +/);
    switch (command) {
      case "/join":
        return this.#join(room);
      case "/rooms":
        return this.#tell(`* Rooms: ${this.#directory.rooms}`);
      case "/who":
        return this.#tell(`* Here: ${this.room?.names}`);
      case "/quit":
        this.#tell("* Good-bye.");
        return this.leave();
      default:
        return this.#tell(HELP);
    }
  }

  #join(name: string): void {
    if (!NAME.test(name)) {
      return this.#tell("* A room has a name of 1 to 20 letters and digits");
    }
    if (!this.#directory.join(this, name)) {
      return this.#tell("* There are as many rooms as there can be");
    }
    this.#tell(`* You are in ${name}, with ${this.room?.names}`);
  }
}
