import { type Codec, CodecError } from "../../mod.ts";

/** A request, or its answer: four bytes. */
export interface Call {
  /** 0 to 254; a frame that begins with 255 is invalid. */
  readonly id: number;
  readonly op: number;
  /** 0 to 65535; larger values cannot be encoded. */
  readonly value: number;
}

const SIZE = 4;
const NO_ID = 255;
const MAX_VALUE = 65535;

/** The codec of calls. */
export const calls: Codec<Call> = {
  maxFrameSize: SIZE,
  frameSize(bytes, start) {
    if (bytes[start] !== NO_ID) return SIZE;
    throw new CodecError(`Cannot receive a call with the id ${NO_ID}`);
  },
  decode: (bytes, start) => ({
    id: bytes[start],
    op: bytes[start + 1],
    value: 256 * bytes[start + 2] + bytes[start + 3],
  }),
  encode({ id, op, value }, out) {
    out.writeUint8(id);
    out.writeUint8(op);
    if (value > MAX_VALUE) {
      throw new CodecError(`Cannot send a call with the value ${value}`);
    }
    out.writeUint16(value);
  },
};

/** Creates a call. */
export function call(value: number, id = 0, op = 0): Call {
  return { id, op, value };
}

/** Encodes calls one after another. */
export function bytesOf(...all: readonly Call[]): Uint8Array {
  return Uint8Array.from(
    all.flatMap(({ id, op, value }) => [id, op, value >> 8, value]),
  );
}

/** Decodes the received calls. */
export function callsOf(chunks: readonly Uint8Array[]): Call[] {
  const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  const found: Call[] = [];
  for (let at = 0; at + SIZE <= bytes.length; at += SIZE) {
    found.push(calls.decode(bytes, at, at + SIZE));
  }
  return found;
}

/** Decodes the values of the received calls. */
export function valuesOf(chunks: readonly Uint8Array[]): number[] {
  return callsOf(chunks).map(({ value }) => value);
}
