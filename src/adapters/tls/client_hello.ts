/**
 * The first message of a client in TLS, read as far as the name of the server
 * that it asks for.
 *
 * @module
 */

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const VERSION_AND_RANDOM = 34;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** A client that says more than this before it says whom it wants is no client. */
const LONGEST_HELLO = 65536;

/** Thrown where the bytes end before what they tell. */
const INCOMPLETE = Symbol("incomplete");

/** Reads numbers and vectors, one behind the other. */
export class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(size: number): Uint8Array {
    if (this.left < size) throw INCOMPLETE;
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  number(size: number): number {
    return this.take(size).reduce((sum, byte) => 256 * sum + byte, 0);
  }

  /** What stands behind its own length, which takes `size` bytes. */
  vector(size: number): Cursor {
    return new Cursor(this.take(this.number(size)));
  }
}

/**
 * The name of the server that a client asks for which has sent `bytes`, in lower
 * case: empty if it asks for none, or says something else; undefined if it has
 * not said all of it yet.
 */
export function serverNameIn(bytes: Uint8Array): string | undefined {
  try {
    const message = firstMessage(bytes);
    if (message === undefined) {
      return bytes.length < LONGEST_HELLO ? undefined : "";
    }
    return nameIn(message);
  } catch (error) {
    if (error === INCOMPLETE) return "";
    throw error;
  }
}

/** The first message of the records in `bytes`; undefined if it is not whole yet. Throws if it is no hello. */
function firstMessage(bytes: Uint8Array): Uint8Array | undefined {
  const parts: number[] = [];
  const records = new Cursor(bytes);
  while (records.left >= RECORD_HEADER) {
    if (records.number(1) !== HANDSHAKE) throw INCOMPLETE;
    records.take(2);
    const size = records.number(2);
    const isWhole = records.left >= size;
    parts.push(...records.take(isWhole ? size : records.left));
    if (parts.length > 0 && parts[0] !== CLIENT_HELLO) throw INCOMPLETE;
    if (parts.length >= MESSAGE_HEADER) {
      const header = new Cursor(Uint8Array.from(parts.slice(1, 4)));
      const length = header.number(MESSAGE_HEADER - 1);
      if (parts.length - MESSAGE_HEADER >= length) {
        return Uint8Array.from(
          parts.slice(MESSAGE_HEADER, MESSAGE_HEADER + length),
        );
      }
    }
    if (!isWhole) break;
  }
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) throw INCOMPLETE;
  return undefined;
}

function nameIn(message: Uint8Array): string {
  const hello = new Cursor(message);
  hello.take(VERSION_AND_RANDOM);
  hello.vector(1); // the session
  hello.vector(2); // the ciphers
  hello.vector(1); // the compressions
  const extensions = hello.vector(2);
  while (extensions.left > 0) {
    const kind = extensions.number(2);
    const extension = extensions.vector(2);
    if (kind !== SERVER_NAME) continue;
    const names = extension.vector(2);
    if (names.number(1) !== HOST_NAME) return "";
    const name = names.vector(2);
    return String.fromCharCode(...name.take(name.left)).toLowerCase();
  }
  return "";
}
