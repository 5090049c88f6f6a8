import type { ByteWriter } from "../api/byte_writer.ts";
import { WriterFullError } from "../api/errors.ts";
import { isA } from "../util/text.ts";
import { BinaryWriter } from "./binary_writer.ts";
import { refusePromise, tooLarge } from "./frames.ts";
import type { PayloadEncoder } from "./payload_codec.ts";

/** The memory of larger payloads is not kept. */
const LARGEST_KEPT = 64 * 1024;

/** Where payloads are written of which something has to be known before they are sent: how long they are, or that they hold no delimiter. */
export class PayloadScratch {
  readonly #max: number;
  readonly #send: (payload: Uint8Array, out: ByteWriter) => void;
  /** Undefined while it is in use. */
  #writer: BinaryWriter | undefined = undefined;

  /** For payloads of `max` bytes at most, which `send` writes to where they go. */
  constructor(
    max: number,
    send: (payload: Uint8Array, out: ByteWriter) => void,
  ) {
    this.#max = max;
    this.#send = send;
  }

  /** Has `encoder` write `message`, and sends that to `out`. Meanwhile others may be encoded. */
  encode<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    out: ByteWriter,
  ): void {
    const writer = this.#writer ?? new BinaryWriter({ max: this.#max });
    this.#writer = undefined;
    try {
      this.#write(message, encoder, writer);
      this.#send(writer.getWritten(), out);
    } finally {
      if (writer.bytesWritten <= LARGEST_KEPT) this.#writer = writer;
      writer.clear();
    }
  }

  #write<Message>(
    message: Message,
    encoder: PayloadEncoder<Message>,
    writer: BinaryWriter,
  ): void {
    try {
      refusePromise(encoder.encode(message, writer));
    } catch (cause) {
      if (!isA(cause, WriterFullError)) throw cause;
      throw tooLarge("send", `more than ${this.#max}`, this.#max, { cause });
    }
  }
}
