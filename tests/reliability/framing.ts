/** How a receiver finds the end of a message. */
export interface EndFraming {
  readonly name: string;
  /** The size of the header that announces the size; 0 if there is none. */
  readonly headerSize: number;
  /** Returns a possible message size: `size`, or one close to it. */
  fit(size: number): number;
  /** Marks the size in `message`, which contains no {@linkcode DELIMITER}. */
  mark(message: Uint8Array): void;
  /**
   * Returns the size of the message at `start` of `buf`; 0 if it is still
   * unknown.
   */
  sizeAt(buf: Uint8Array, start: number): number;
}

/** The byte that ends a message, and occurs nowhere else. */
export const DELIMITER = 0xff;

const TABLE_SIZE = 2 ** 18;
const TABLE = bytesWithoutDelimiter();

/**
 * Creates a message of `size` bytes (up to 2^17), different for each `stamp`
 * (from 0 up).
 */
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

/** Bytes without boundaries: everything available is consumed. */
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
