import { signal } from "../conformance/support.ts";
import { type Frame, FrameReader, Opcode } from "./web_socket_frames.ts";

/**
 * Parses what a WebSocket server sends, independently of the library: a
 * response, and then frames.
 */
export class WebSocketReplies {
  /** The control frames received, in order. */
  readonly control: Frame[] = [];
  /** The server's response, before the first frame. */
  answer = "";
  /** Resolves when the response has arrived, or {@linkcode close} is called. */
  readonly answered: Promise<void>;
  readonly #frames = new FrameReader();
  readonly #answeredSignal = signal();

  constructor() {
    this.answered = this.#answeredSignal.promise;
  }

  /** The status of the response; 0 if there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.answer)?.[1] ?? 0);
  }

  /** The code of the received close frame. */
  get closeCode(): number | undefined {
    const frame = this.control.find(({ opcode }) => opcode === Opcode.Close);
    if (frame === undefined || frame.payload.length < 2) return undefined;
    return frame.payload[0] << 8 | frame.payload[1];
  }

  /**
   * Processes received bytes. Yields the messages that they complete, or a
   * close frame.
   */
  *take(chunk: Uint8Array): Generator<Frame> {
    const rest = this.#takeAnswer(chunk);
    if (rest === undefined) return;
    for (const frame of this.#frames.read(rest)) {
      if (frame.opcode !== Opcode.Binary) this.control.push(frame);
      if (frame.opcode === Opcode.Binary || frame.opcode === Opcode.Close) {
        yield frame;
      }
    }
  }

  /** Nothing more will arrive. */
  close(): void {
    this.#answeredSignal.resolve();
  }

  /**
   * Returns the bytes after the response; undefined if it is incomplete, or
   * there is no WebSocket.
   */
  #takeAnswer(chunk: Uint8Array): Uint8Array | undefined {
    if (this.status === 101 && this.answer.endsWith("\r\n\r\n")) return chunk;
    const before = this.answer.length;
    this.answer += String.fromCharCode(...chunk);
    const end = this.answer.indexOf("\r\n\r\n") + 4;
    if (end < 4) return undefined;
    this.#answeredSignal.resolve();
    if (this.status !== 101) return undefined;
    this.answer = this.answer.slice(0, end);
    return chunk.subarray(end - before);
  }
}
