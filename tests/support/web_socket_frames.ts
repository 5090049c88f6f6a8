// A minimal implementation of RFC 6455 frames, for peers that are independent
// of the library.

/** The kinds of frames. */
export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** One frame. */
export interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Uint8Array;
}

const MASK = [1, 2, 3, 4];

/** A masked frame of a client. Its length can be wrong on purpose. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array,
  { isLast = true, isMasked = true, length = payload.length } = {},
): Uint8Array {
  const head = [
    (isLast ? 0x80 : 0) | opcode,
    ...lengthBytes(length, isMasked ? 0x80 : 0),
    ...(isMasked ? MASK : []),
  ];
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  frame.set(payload, head.length);
  if (!isMasked) return frame;
  for (let i = 0; i < payload.length; i++) {
    frame[head.length + i] ^= MASK[i % 4];
  }
  return frame;
}

/** The size of messages that any server accepts. */
const MAX_MESSAGE = 2 ** 16;

/** `bytes` in masked messages, small enough for any server. */
export function* messageFrames(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += MAX_MESSAGE) {
    const part = bytes.subarray(start, start + MAX_MESSAGE);
    yield clientFrame(Opcode.Binary, part);
  }
}

/** The payload of a close frame. */
export function closePayload(code: number, text = ""): Uint8Array {
  return Uint8Array.of(
    code >> 8,
    code & 255,
    ...new TextEncoder().encode(text),
  );
}

/** A client's request for a WebSocket at `path`. */
export function request(
  path = "/",
  headers: Readonly<Record<string, string>> = {},
): string {
  const all = {
    "Host": "localhost",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** Finds the frames in what a server sends, which are not masked. */
export class FrameReader {
  #bytes = new Uint8Array(0);

  /** Yields the frames that `chunk` completes. */
  *read(chunk: Uint8Array): Generator<Frame> {
    const all = new Uint8Array(this.#bytes.length + chunk.length);
    all.set(this.#bytes);
    all.set(chunk, this.#bytes.length);
    this.#bytes = all;
    for (;;) {
      const frame = this.#take();
      if (frame === undefined) return;
      yield frame;
    }
  }

  #take(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const short = bytes[1] & 127;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < start) return undefined;
    const length = short === 126
      ? view.getUint16(2)
      : short === 127
      ? Number(view.getBigUint64(2))
      : short;
    const end = start + length;
    if (bytes.length < end) return undefined;
    this.#bytes = bytes.subarray(end);
    return {
      opcode: bytes[0] & 15,
      isLast: bytes[0] >= 0x80,
      payload: bytes.subarray(start, end),
    };
  }
}

function lengthBytes(length: number, mask: number): number[] {
  if (length < 126) return [mask | length];
  if (length < 65536) return [mask | 126, length >> 8, length & 255];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length));
  return [mask | 127, ...bytes];
}
