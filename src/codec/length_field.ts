import type { ByteWriter } from "../api/byte_writer.ts";
import { get16, get24, get32 } from "../util/read_numbers.ts";

const TWO_32 = 2 ** 32;

/** Reads and writes a length of 1, 2, 3, 4 or 8 bytes. */
export class LengthField {
  readonly width: number;
  readonly isLittle: boolean;

  constructor(width: number, isLittle: boolean) {
    this.width = width;
    this.isLittle = isLittle;
  }

  /**
   * The largest length that fits. Approximate for 8 bytes, where numbers are
   * not exact.
   */
  get most(): number {
    return 256 ** this.width - 1;
  }

  read(bytes: Uint8Array, at: number): number {
    const { isLittle } = this;
    switch (this.width) {
      case 1:
        return bytes[at];
      case 2:
        return get16(bytes, at, isLittle);
      case 3:
        return get24(bytes, at, isLittle);
      case 4:
        return get32(bytes, at, isLittle);
      default:
        return get32(bytes, isLittle ? at + 4 : at, isLittle) * TWO_32 +
          get32(bytes, isLittle ? at : at + 4, isLittle);
    }
  }

  /** Appends a length, which must be less than 2^32; every frame size is. */
  write(out: ByteWriter, length: number): void {
    const { isLittle } = this;
    switch (this.width) {
      case 1:
        return out.writeUint8(length);
      case 2:
        return out.writeUint16(length, isLittle);
      case 3:
        return out.writeUint24(length, isLittle);
      case 4:
        return out.writeUint32(length, isLittle);
      default:
        out.writeUint32(isLittle ? length : 0, isLittle);
        out.writeUint32(isLittle ? 0 : length, isLittle);
    }
  }

  /** Writes a length over the bytes already written at `at`. */
  set(out: ByteWriter, at: number, length: number): void {
    const { isLittle } = this;
    switch (this.width) {
      case 1:
        return out.setUint8(at, length);
      case 2:
        return out.setUint16(at, length, isLittle);
      case 3:
        out.setUint8(isLittle ? at + 2 : at, length >>> 16);
        return out.setUint16(isLittle ? at : at + 1, length, isLittle);
      case 4:
        return out.setUint32(at, length, isLittle);
      default:
        out.setUint32(isLittle ? at + 4 : at, 0, isLittle);
        out.setUint32(isLittle ? at : at + 4, length, isLittle);
    }
  }
}
