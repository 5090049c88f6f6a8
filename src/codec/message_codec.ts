/**
 * Codecs for typed messages.
 *
 * @module
 */

import type { ByteWriter } from "../api/byte_writer.ts";
import { InvalidCodecError } from "../api/errors.ts";
import { EMPTY } from "../util/empty.ts";
import { read } from "../util/text.ts";
import { BinaryReader } from "./binary_reader.ts";
import type { Codec } from "./codec.ts";
import type { PayloadEncoder, PayloadFraming } from "./payload_codec.ts";

/**
 * Reads a message from the payload of a frame, and writes it.
 *
 * @category Codecs
 */
export interface MessageFormat<Received, Sent = Received>
  extends PayloadEncoder<Sent> {
  /**
   * Reads a message.
   *
   * @param reader Reads the payload, and is valid during the call only. Read or
   *   skip all of it.
   * @returns The message. Views from `reader.readView` are valid until the
   *   handler that gets the message returns.
   */
  decode(reader: BinaryReader): Received;
}

/**
 * Creates a codec for typed messages in the frames of another codec:
 * `lengthPrefixed`, `varintPrefixed`, `delimited`, `lines`, `fixed`, or your
 * own framing. Messages are decoded in the read buffer and encoded into the
 * send queue, without a copy in between. Only `varintPrefixed`, `delimited` and
 * `lines` copy a sent payload once, since they need all of it before its frame
 * can begin.
 *
 * Errors thrown by `format` are passed on unchanged. A received message that
 * cannot be decoded closes its connection, and no other, with that error as the
 * reason. If a message cannot be encoded, the writer is left as it was. If
 * `decode` leaves bytes unread, it fails with {@linkcode UnreadBytesError}; if
 * it reads past the end, with {@linkcode ReadOutOfBoundsError}.
 *
 * @param framing The framing.
 * @param format Reads and writes the messages.
 * @returns The codec.
 * @throws {InvalidCodecError} If `framing` or `format` lacks a method.
 *
 * @category Codecs
 * @example
 * ```ts
 * import { BinaryWriter, lengthPrefixed, messageCodec } from "@reactio/reactio";
 *
 * interface Reading {
 *   readonly sensor: number;
 *   readonly celsius: number;
 * }
 *
 * const readings = messageCodec<Reading>(lengthPrefixed({ bytes: 2 }), {
 *   decode: (reader) => ({
 *     sensor: reader.readUint16(),
 *     celsius: reader.readInt16() / 100,
 *   }),
 *   encode({ sensor, celsius }, writer) {
 *     writer.writeUint16(sensor);
 *     writer.writeUint16(celsius * 100);
 *   },
 * });
 * const out = new BinaryWriter();
 * readings.encode({ sensor: 7, celsius: -1.5 }, out);
 * const frame = out.take(); // 0, 4, 0, 7, 0xff, 0x6a
 * console.log(readings.decode(frame, 0, frame.length).celsius); // -1.5
 * ```
 */
export function messageCodec<Received, Sent = Received>(
  framing: PayloadFraming,
  format: MessageFormat<Received, Sent>,
): Codec<Received, Sent> {
  checkMethods("framing", framing, FRAMING_METHODS);
  checkMethods("format", format, FORMAT_METHODS);
  return new MessageCodec(framing, format);
}

const FRAMING_METHODS = [
  "frameSize",
  "payloadStart",
  "payloadEnd",
  "encodeFrame",
] as const;

const FORMAT_METHODS = ["decode", "encode"] as const;

class MessageCodec<Received, Sent> implements Codec<Received, Sent> {
  readonly maxFrameSize: number;
  readonly #framing: PayloadFraming;
  readonly #format: MessageFormat<Received, Sent>;
  /** Undefined while in use: `decode` may decode a nested message. */
  #reader: BinaryReader | undefined = undefined;

  constructor(framing: PayloadFraming, format: MessageFormat<Received, Sent>) {
    this.maxFrameSize = framing.maxFrameSize;
    this.#framing = framing;
    this.#format = format;
  }

  frameSize(
    bytes: Uint8Array,
    start: number,
    end: number,
    scanned: number,
  ): number {
    return this.#framing.frameSize(bytes, start, end, scanned);
  }

  decode(bytes: Uint8Array, start: number, end: number): Received {
    const framing = this.#framing;
    const reader = this.#reader ?? new BinaryReader();
    this.#reader = undefined;
    try {
      reader.reset(
        bytes,
        framing.payloadStart(bytes, start, end),
        framing.payloadEnd(bytes, start, end),
      );
      const message = this.#format.decode(reader);
      reader.end();
      return message;
    } finally {
      reader.reset(EMPTY); // the format may have kept it
      this.#reader = reader;
    }
  }

  encode(message: Sent, out: ByteWriter): void {
    this.#framing.encodeFrame(message, this.#format, out);
  }
}

/** Throws {@linkcode InvalidCodecError} unless `value` has all of `methods`. */
function checkMethods(
  what: string,
  value: unknown,
  methods: readonly string[],
): void {
  for (const name of methods) {
    if (typeof read(value, name) === "function") continue;
    throw new InvalidCodecError(
      `Cannot make a codec: the ${what} has no method ${name}`,
    );
  }
}
