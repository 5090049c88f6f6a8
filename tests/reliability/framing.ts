/** How a receiver tells where a message ends. */
export interface Framing {
  readonly name: string;
  /** How many bytes tell the size, if that is known before the end. */
  readonly headerSize: number;
  /** A size that a message can have, `size` or near it. */
  fit(size: number): number;
  /** Writes into `message`, whose bytes are arbitrary but for {@linkcode DELIMITER}, what tells its size. */
  mark(message: Uint8Array): void;
  /** The size of the message that `buf` begins with at `start`, 0 if that cannot be told yet. */
  sizeAt(buf: Uint8Array, start: number): number;
}

/** The byte that ends a message, and that no message has inside. */
export const DELIMITER = 0xff;

const TABLE_SIZE = 2 ** 18;
const TABLE = bytesWithoutDelimiter();

/** A message of `size` bytes (up to 2^17), different for each `stamp` (from 0 up). */
export function makeMessage(
  framing: Framing,
  stamp: number,
  size: number,
): Uint8Array {
  const start = stamp % (TABLE_SIZE / 2);
  const message = TABLE.slice(start, start + size);
  framing.mark(message);
  return message;
}

function lengthPrefixed(width: number): Framing {
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

function fixed(size: number): Framing {
  return {
    name: `${size} bytes each`,
    headerSize: 1,
    fit: () => size,
    mark() {},
    sizeAt: () => size,
  };
}

const delimited: Framing = {
  name: "delimited",
  headerSize: Infinity,
  fit: (size) => Math.max(1, size),
  mark(message) {
    message[message.length - 1] = DELIMITER;
  },
  sizeAt: (buf, start) =>
    Math.max(0, buf.indexOf(DELIMITER, start) + 1 - start),
};

/** Bytes without messages: what is there is taken. */
export const UNFRAMED: Framing = {
  name: "unframed",
  headerSize: 1,
  fit: (size) => size,
  mark() {},
  sizeAt: (buf, start) => buf.length - start,
};

export const FRAMINGS: readonly Framing[] = [
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
