/**
 * Parses a TLS ClientHello as far as the server name (SNI).
 *
 * @module
 */

import { GatheredBytes } from "../../util/gathered_bytes.ts";

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const VERSION_AND_RANDOM = 34;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** Bytes after which an incomplete ClientHello is given up. */
const LONGEST_HELLO = 65536;

/** Thrown when a length points past the end of the bytes. */
const INCOMPLETE = Symbol("incomplete");

/** Reads numbers and vectors, one after the other. */
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

  /** Reads a vector whose length field takes `size` bytes. */
  vector(size: number): Cursor {
    return new Cursor(this.take(this.number(size)));
  }
}

/**
 * Assembles a ClientHello from the reads in which it arrives; copies each byte
 * once.
 */
export class HelloReader {
  readonly #header = new Uint8Array(RECORD_HEADER);
  #headerSize = 0;
  /** Bytes still missing from the current record. */
  #missing = 0;
  readonly #message = new GatheredBytes();
  #total = 0;

  /**
   * Consumes the next bytes of the client. Returns the requested server name in
   * lower case; empty if the client requests none, or does not speak TLS;
   * undefined if the ClientHello is still incomplete.
   */
  take(bytes: Uint8Array): string | undefined {
    this.#total += bytes.length;
    try {
      const message = this.#firstMessage(bytes);
      if (message !== undefined) return nameIn(message);
      return this.#total < LONGEST_HELLO ? undefined : "";
    } catch (error) {
      if (error === INCOMPLETE) return "";
      throw error;
    }
  }

  /**
   * The complete ClientHello; undefined if it is still incomplete. Throws if it
   * is something else.
   */
  #firstMessage(bytes: Uint8Array): Uint8Array | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.#missing === 0) {
        this.#header[this.#headerSize++] = bytes[at++];
        this.#beginRecord();
        continue;
      }
      const end = Math.min(bytes.length, at + this.#missing);
      this.#message.add(bytes.subarray(at, end));
      this.#missing -= end - at;
      at = end;
      if (this.#message.bytes[0] !== CLIENT_HELLO) throw INCOMPLETE;
      const message = new Cursor(
        this.#message.bytes.subarray(1),
      );
      if (this.#message.size < MESSAGE_HEADER) continue;
      const size = message.number(MESSAGE_HEADER - 1);
      if (message.left >= size) return message.take(size);
    }
    return undefined;
  }

  #beginRecord(): void {
    const [type, , , high, low] = this.#header;
    if (type !== HANDSHAKE) throw INCOMPLETE;
    if (this.#headerSize < RECORD_HEADER) return;
    this.#headerSize = 0;
    this.#missing = 256 * high + low;
  }
}

function nameIn(message: Uint8Array): string {
  const hello = new Cursor(message);
  hello.take(VERSION_AND_RANDOM);
  hello.vector(1); // session id
  hello.vector(2); // cipher suites
  hello.vector(1); // compression methods
  const extensions = hello.vector(2);
  while (extensions.left > 0) {
    const kind = extensions.number(2);
    const extension = extensions.vector(2);
    if (kind !== SERVER_NAME) continue;
    const names = extension.vector(2);
    if (names.number(1) !== HOST_NAME) return "";
    const name = names.vector(2);
    return plainName(String.fromCharCode(...name.take(name.left)));
  }
  return "";
}

/** `name` normalized for comparison: in lower case, without a trailing dot. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
