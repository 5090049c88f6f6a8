// How packets are laid out: one byte with the type, the size as a varint of
// at most four bytes, and the body.

import {
  BinaryReader,
  BinaryWriter,
  type ByteWriter,
  type Codec,
  CodecError,
  FrameTooLargeError,
} from "../../mod.ts";
import { flagsOf, type Packet, TYPES } from "./packets.ts";
import { readPacket } from "./read_packet.ts";
import { firstByteOf, writePacket } from "./write_packet.ts";

const MOST_SIZE_BYTES = 4;
const BITS = 7;
const MORE = 0x80;

/** The codec of MQTT 3.1.1, for packets of at most `maxSize` bytes. */
export function mqtt(maxSize: number): Codec<Packet> {
  return new MqttCodec(maxSize);
}

class MqttCodec implements Codec<Packet> {
  readonly maxFrameSize: number;
  readonly #reader = new BinaryReader();
  readonly #body = new BinaryWriter();

  constructor(maxSize: number) {
    this.maxFrameSize = maxSize;
  }

  frameSize(bytes: Uint8Array, start: number, end: number): number {
    checkFirst(bytes[start]);
    const last = Math.min(end, start + 1 + MOST_SIZE_BYTES);
    let size = 0;
    for (let at = start + 1, shift = 0; at < last; at++, shift += BITS) {
      size += (bytes[at] & ~MORE) << shift;
      if (bytes[at] < MORE) return this.#checked(at + 1 - start + size);
    }
    if (last - start <= MOST_SIZE_BYTES) return 0;
    throw new CodecError("Cannot read a packet whose size has 5 bytes");
  }

  decode(bytes: Uint8Array, start: number, end: number): Packet {
    let at = start + 1;
    while (bytes[at] >= MORE) at++;
    const reader = this.#reader;
    reader.reset(bytes, at + 1, end);
    const packet = readPacket(bytes[start], reader);
    reader.end();
    return packet;
  }

  encode(packet: Packet, out: ByteWriter): void {
    const body = this.#body;
    body.clear();
    writePacket(packet, body);
    const size = body.bytesWritten;
    this.#checked(1 + sizeBytesOf(size) + size);
    out.writeUint8(firstByteOf(packet));
    let rest = size;
    for (; rest >= MORE; rest >>>= BITS) out.writeUint8(rest | MORE);
    out.writeUint8(rest);
    out.write(body.getWritten());
  }

  #checked(size: number): number {
    if (size <= this.maxFrameSize) return size;
    throw new FrameTooLargeError(
      `Cannot take a packet of ${size} bytes: the most is ${this.maxFrameSize}`,
    );
  }
}

/** How many bytes the varint of `size` takes. */
function sizeBytesOf(size: number): number {
  let count = 1;
  for (let rest = size; rest >= MORE; rest >>>= BITS) count++;
  return count;
}

/** Refuses another protocol by its first byte. */
function checkFirst(byte: number): void {
  const type = TYPES[byte >> 4];
  const isKnown = type !== undefined &&
    (type === "publish" || (byte & 0xf) === flagsOf(type));
  if (isKnown) return;
  throw new CodecError(`Cannot read a packet that begins with ${byte}`);
}
