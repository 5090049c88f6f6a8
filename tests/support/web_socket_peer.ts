import { connect, type Socket } from "node:net";
import type { SocketAddress } from "../../mod.ts";
import type { Peer } from "../conformance/environment.ts";
import { eventually, signal } from "../conformance/support.ts";
import { asTcp } from "./tcp.ts";
import {
  clientFrame,
  closePayload,
  type Frame,
  FrameReader,
  Opcode,
  request,
} from "./web_socket_frames.ts";

const MAX_MESSAGE = 2 ** 16;

/** A client of WebSockets that is not of the library: it speaks over a plain socket, and answers a close frame when it is told to. */
export class WebSocketPeer implements Peer {
  readonly chunks: Uint8Array[] = [];
  received = 0;
  /** The frames that are no messages, as they came. */
  readonly control: Frame[] = [];
  /** What the server has answered, before the first frame. */
  answer = "";
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #answered = signal();
  readonly #ended = signal();
  readonly #closed = signal();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {}); // a close follows
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.#answered.resolve();
      this.#closed.resolve();
    });
  }

  /** Begins to connect, and says nothing. */
  static begin(address: SocketAddress): WebSocketPeer {
    const { hostname, port } = asTcp(address);
    return new WebSocketPeer(
      connect({ host: hostname, port, allowHalfOpen: true }),
    );
  }

  /** Connects and says `text`, a request; resolves when that is answered, or the connection is closed. */
  static async open(
    address: SocketAddress,
    text: string = request(),
  ): Promise<WebSocketPeer> {
    const peer = WebSocketPeer.begin(address);
    peer.raw(new TextEncoder().encode(text));
    await peer.#answered.promise;
    return peer;
  }

  /** Connects to a WebSocket at `/`. */
  static connect(address: SocketAddress): Promise<WebSocketPeer> {
    return WebSocketPeer.open(address);
  }

  /** The status of the answer; 0 if there is none. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.answer)?.[1] ?? 0);
  }

  /** The code of the close frame that has come. */
  get closeCode(): number | undefined {
    const frame = this.control.find(({ opcode }) => opcode === Opcode.Close);
    if (frame === undefined || frame.payload.length < 2) return undefined;
    return frame.payload[0] << 8 | frame.payload[1];
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  write(...bytes: number[]): void {
    this.send(Uint8Array.from(bytes));
  }

  /** Sends `bytes`, in messages that any server takes. */
  send(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += MAX_MESSAGE) {
      const part = bytes.subarray(start, start + MAX_MESSAGE);
      this.frame(Opcode.Binary, part);
    }
  }

  /** Sends a frame. */
  frame(...args: Parameters<typeof clientFrame>): void {
    this.raw(clientFrame(...args));
  }

  /** Sends bytes that need not be a frame. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends bytes; resolves when the system has taken them. */
  drained(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Sends a close frame. */
  end(code = 1000, text = ""): void {
    this.frame(Opcode.Close, closePayload(code, text));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends the connection below, without a close frame. */
  cut(): void {
    this.#socket.end();
  }

  has(count: number): Promise<void> {
    return eventually(() => this.received >= count, `${count} bytes`);
  }

  #onData(chunk: Uint8Array): void {
    const rest = this.#takeAnswer(chunk);
    if (rest === undefined) return;
    for (const frame of this.#frames.read(rest)) this.#onFrame(frame);
  }

  /** What follows the answer; undefined if that is not whole, or there is no WebSocket. */
  #takeAnswer(chunk: Uint8Array): Uint8Array | undefined {
    if (this.status === 101 && this.answer.endsWith("\r\n\r\n")) return chunk;
    const before = this.answer.length;
    this.answer += String.fromCharCode(...chunk);
    const end = this.answer.indexOf("\r\n\r\n") + 4;
    if (end < 4) return undefined;
    this.#answered.resolve();
    if (this.status !== 101) return undefined;
    this.answer = this.answer.slice(0, end);
    return chunk.subarray(end - before);
  }

  #onFrame(frame: Frame): void {
    if (frame.opcode === Opcode.Binary) {
      this.chunks.push(frame.payload);
      this.received += frame.payload.length;
      return;
    }
    this.control.push(frame);
    if (frame.opcode === Opcode.Close) this.#ended.resolve();
  }
}
