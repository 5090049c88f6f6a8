import { BinaryWriter } from "./binary_writer.ts";

/** Larger memory is not kept. */
const LARGEST_KEPT = 64 * 1024;

/** A writer that is reused for what is encoded before it is sent, unless it is in use or has become large. */
export class SpareWriter {
  readonly #max: number;
  /** Undefined while in use. */
  #writer: BinaryWriter | undefined = undefined;

  /** Its writers take at most `max` bytes. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Lends an empty writer, to be given back. */
  take(): BinaryWriter {
    const writer = this.#writer ?? new BinaryWriter({ max: this.#max });
    this.#writer = undefined;
    return writer;
  }

  /** Takes `writer` back; its contents are no longer needed. */
  giveBack(writer: BinaryWriter): void {
    if (writer.bytesWritten <= LARGEST_KEPT) this.#writer = writer;
    writer.clear();
  }
}
