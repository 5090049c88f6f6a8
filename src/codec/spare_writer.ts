import { BinaryWriter } from "./binary_writer.ts";
import { LARGEST_SPARE_WRITER } from "../tuning.ts";

/**
 * A writer that is reused to encode payloads before they are sent. If it is in
 * use, another one is created.
 */
export class SpareWriter {
  readonly #max: number;
  /** Undefined while in use. */
  #writer: BinaryWriter | undefined = undefined;

  /** `max` is the most bytes that a writer may hold. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Lends an empty writer, to return by `giveBack`. */
  take(): BinaryWriter {
    const writer = this.#writer ?? new BinaryWriter({ max: this.#max });
    this.#writer = undefined;
    return writer;
  }

  /** Takes back `writer`, and drops its contents. */
  giveBack(writer: BinaryWriter): void {
    if (writer.bytesWritten <= LARGEST_SPARE_WRITER) this.#writer = writer;
    writer.clear();
  }
}
