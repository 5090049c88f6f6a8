/** A way to find the end of a message. */
export interface TestedCodec {
  /** How many bytes encode the size. */
  readonly headerSize: number;
  /** Makes a message with a body of `length` bytes, or of the largest possible length. */
  encode(length: number): Uint8Array;
  /** The size of the first message in `buf`, 0 if it is not known yet. */
  sizeOf(buf: Uint8Array): number;
}

const DELIMITER = 0xff;

/** Fills `bytes` from `start`, differently for each length, without a delimiter. */
function fill(bytes: Uint8Array, start: number): Uint8Array {
  for (let i = start; i < bytes.length; i++) {
    bytes[i] = (167 * i + bytes.length) % DELIMITER;
  }
  return bytes;
}

/** The length of the body in `width` bytes, little-endian, then the body. */
function lengthPrefixed(width: number): TestedCodec {
  return {
    headerSize: width,
    encode(length) {
      const body = Math.min(length, 2 ** (8 * width) - 1);
      const message = fill(new Uint8Array(width + body), width);
      for (let i = 0; i < width; i++) message[i] = Math.floor(body / 256 ** i);
      return message;
    },
    sizeOf(buf) {
      if (buf.length < width) return 0;
      let size = width;
      for (let i = 0; i < width; i++) size += buf[i] * 256 ** i;
      return size;
    },
  };
}

function fixed(size: number): TestedCodec {
  return {
    headerSize: 1,
    encode: () => fill(new Uint8Array(size), 0),
    sizeOf: () => size,
  };
}

const delimited: TestedCodec = {
  headerSize: 1,
  encode(length) {
    const message = fill(new Uint8Array(length + 1), 0);
    message[length] = DELIMITER;
    return message;
  },
  sizeOf: (buf) => buf.indexOf(DELIMITER) + 1,
};

export const CODECS = {
  "length in 1 byte": lengthPrefixed(1),
  "length in 2 bytes": lengthPrefixed(2),
  "length in 4 bytes": lengthPrefixed(4),
  "delimited": delimited,
  "1 byte": fixed(1),
  "100 bytes": fixed(100),
  "9000 bytes": fixed(9000),
} as const;

export type CodecName = keyof typeof CODECS;

/** Their names, for a generator. */
export const CODEC_NAMES = Object.keys(CODECS) as CodecName[];
