import { BORROWED, type Socket } from "../../contract/socket.ts";
import type { WriteSink } from "../write_side.ts";
import { DATA, MAX_CONTENT, recordOf } from "./records.ts";

/** Writes records to the socket below, one after the other, as it takes them. It has room for new content when all of them are out. */
export class RecordWriter implements WriteSink {
  readonly #socket: Socket;
  readonly #records: Uint8Array[] = [];
  /** How much of the first of them is out. */
  #position = 0;
  #isBorrowed = false;
  #onDrained: (() => void) | undefined = undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get room(): number {
    return this.#records.length === 0 ? MAX_CONTENT : 0;
  }

  accept(buffer: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + this.room);
    if (stop > start) this.#add(recordOf(DATA, buffer, start, stop));
    return stop - start;
  }

  /** Writes `content`, in as many records as it takes. */
  send(type: number, content: Uint8Array): void {
    for (let at = 0; at < content.length; at += MAX_CONTENT) {
      const end = Math.min(content.length, at + MAX_CONTENT);
      this.#add(recordOf(type, content, at, end));
    }
  }

  /** Calls back as soon as all is out: at once, or from {@linkcode onWritable}. */
  onceDrained(callback: () => void): void {
    if (this.#records.length === 0) callback();
    else this.#onDrained = callback;
  }

  onWritable(): void {
    if (this.#isBorrowed) {
      this.#isBorrowed = false;
      this.#next();
    }
    this.#writeOn();
    if (this.#records.length > 0) return;
    const callback = this.#onDrained;
    this.#onDrained = undefined;
    callback?.();
  }

  #add(record: Uint8Array): void {
    this.#records.push(record);
    this.#writeOn();
  }

  #writeOn(): void {
    while (!this.#isBorrowed && this.#records.length > 0) {
      const [record] = this.#records;
      const taken = this.#socket.write(record, this.#position, record.length);
      if (taken === BORROWED) {
        this.#isBorrowed = true;
        return;
      }
      this.#position += taken;
      if (this.#position < record.length) return;
      this.#next();
    }
  }

  #next(): void {
    this.#records.shift();
    this.#position = 0;
  }
}
