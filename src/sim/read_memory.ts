import type { SocketEvents } from "../contract/socket.ts";

const GARBAGE = 0xa5;
/** Eight bytes of it as one number, which equals no other bits: so eight bytes are compared at once. */
const [GARBAGE_WORD] = new Float64Array(new Uint8Array(8).fill(GARBAGE).buffer);
const WORD_SIZE = Float64Array.BYTES_PER_ELEMENT;
const READ_SIZE = 65536;

/** Where the system reads to, valid during one event. */
let scratch = new Uint8Array(READ_SIZE).fill(GARBAGE);

/** Where a socket reads to: memory of its owner, or of the system. */
export class ReadMemory {
  readonly #isOwners: boolean;
  /** The buffer that the owner has given for the next read. */
  #given: Uint8Array | undefined = undefined;

  /** `isOwners`: reads go to memory of the owner, as for sockets that borrow what is written. */
  constructor(isOwners: boolean) {
    this.#isOwners = isOwners;
  }

  /** The memory for a read that is done now. */
  take(events: SocketEvents): Uint8Array {
    if (!this.#isOwners) return scratch;
    if (this.#given === undefined) this.#ask(events);
    const given = this.#given as Uint8Array;
    this.#given = undefined;
    return given;
  }

  /** A read of `length` bytes into `memory` was reported; `isReading` if another one follows. */
  afterRead(
    memory: Uint8Array,
    length: number,
    isReading: boolean,
    events: SocketEvents,
  ): void {
    if (memory === scratch) overwriteScratch(length);
    else if (isReading) this.#ask(events);
  }

  /** Asks for a buffer early, as if the next read were in progress. */
  #ask(events: SocketEvents): void {
    this.#given = events.readBuffer().fill(GARBAGE);
  }
}

/** True if nobody has written to the first `count` bytes of `memory` since it was taken. */
export function isUntouched(memory: Uint8Array, count: number): boolean {
  const { buffer, byteOffset } = memory;
  const start = Math.min(-byteOffset & (WORD_SIZE - 1), count);
  const wordCount = Math.floor((count - start) / WORD_SIZE);
  if (wordCount > 0) {
    const words = new Float64Array(buffer, byteOffset + start, wordCount);
    for (let i = 0; i < wordCount; i++) {
      if (words[i] !== GARBAGE_WORD) return false;
    }
  }
  const end = start + wordCount * WORD_SIZE;
  return isGarbage(memory, 0, start) && isGarbage(memory, end, count);
}

function isGarbage(memory: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (memory[i] !== GARBAGE) return false;
  return true;
}

/** Destroys what was read, so that nobody can use it later. If the memory was transferred, new memory takes its place. */
function overwriteScratch(length: number): void {
  if (scratch.length === 0) scratch = new Uint8Array(READ_SIZE).fill(GARBAGE);
  else scratch.fill(GARBAGE, 0, length);
}
