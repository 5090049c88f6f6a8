import { BinaryWriter } from "./binary_writer.ts";

/** The memory of what is larger is not kept. */
const LARGEST_KEPT = 64 * 1024;

/** Where something is written before it is sent: the same writer again and again, unless somebody uses it, or it has become large. */
export class SpareWriter {
  readonly #max: number;
  /** Undefined while it is in use. */
  #writer: BinaryWriter | undefined = undefined;

  /** For `max` bytes at most. */
  constructor(max: number) {
    this.#max = max;
  }

  /** A writer of nothing yet, which is to be given back. */
  take(): BinaryWriter {
    const writer = this.#writer ?? new BinaryWriter({ max: this.#max });
    this.#writer = undefined;
    return writer;
  }

  /** What `writer` has written is needed no more. */
  giveBack(writer: BinaryWriter): void {
    if (writer.bytesWritten <= LARGEST_KEPT) this.#writer = writer;
    writer.clear();
  }
}
