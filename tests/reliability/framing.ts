/** How a receiver finds the end of a message. */
export interface EndFraming {
  readonly name: string;
  /** How many bytes hold the size, if it is known before the end. */
  readonly headerSize: number;
  /** A size that a message can have: `size`, or one near it. */
  fit(size: number): number;
  /** Writes into `message`, which has any bytes but {@linkcode DELIMITER}, what shows its size. */
  mark(message: Uint8Array): void;
  /** The size of the message that begins at `start` of `buf`, or 0 if it is not known yet. */
  sizeAt(buf: Uint8Array, start: number): number;
}

/** The byte that ends a message, and that occurs nowhere else. */
export const DELIMITER = 0xff;

const TABLE_SIZE = 2 ** 18;
const TABLE = bytesWithoutDelimiter();

/** A message of `size` bytes (up to 2^17), different for each `stamp` (from 0 up). */
export function makeMessage(
  framing: EndFraming,
  stamp: number,
  size: number,
): Uint8Array {
  const start = stamp % (TABLE_SIZE / 2);
  const message = TABLE.slice(start, start + size);
  framing.mark(message);
  return message;
}

function lengthPrefixed(width: number): EndFraming {
  const largest = 256 ** width - 1;
  return {
    name: `length in ${width} bytes`,
    headerSize: width,
    fit: (size) => Math.max(width, Math.min(size, largest)),
    mark(message) {
      for (let i = 0; i < width; i++) message[i] = message.length >> 8 * i;
    },
    sizeAt(buf, start) {
      if (buf.length - start < width) return 0;
      let size = 0;
      for (let i = 0; i < width; i++) size += buf[start + i] << 8 * i;
      return size;
    },
  };
}

function fixed(size: number): EndFraming {
  return {
    name: `${size} bytes each`,
    headerSize: 1,
    fit: () => size,
    mark() {},
    sizeAt: () => size,
  };
}

const delimited: EndFraming = {
  name: "delimited",
  headerSize: Infinity,
  fit: (size) => Math.max(1, size),
  mark(message) {
    message[message.length - 1] = DELIMITER;
  },
  sizeAt: (buf, start) =>
    Math.max(0, buf.indexOf(DELIMITER, start) + 1 - start),
};

/** Bytes without boundaries: whatever has arrived is taken. */
export const UNFRAMED: EndFraming = {
  name: "unframed",
  headerSize: 1,
  fit: (size) => size,
  mark() {},
  sizeAt: (buf, start) => buf.length - start,
};

export const FRAMINGS: readonly EndFraming[] = [
  lengthPrefixed(1),
  lengthPrefixed(2),
  lengthPrefixed(3),
  fixed(1),
  fixed(100),
  delimited,
  UNFRAMED,
];

function bytesWithoutDelimiter(): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: TABLE_SIZE }, () => {
    state = Math.imul(state, 0x915f77f5) + 1 | 0;
    return (state >>> 16) % DELIMITER;
  });
}
