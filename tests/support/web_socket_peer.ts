import { connect, type Socket } from "node:net";
import type { SocketAddress } from "../../mod.ts";
import { RawPeer } from "../conformance/peers.ts";
import { signal } from "../conformance/support.ts";
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
export class WebSocketPeer extends RawPeer {
  /** The frames that are no messages, as they came. */
  readonly control: Frame[] = [];
  /** What the server has answered, before the first frame. */
  answer = "";
  readonly #frames = new FrameReader();
  readonly #answered = signal();

  private constructor(socket: Socket) {
    super(socket);
    socket.on("close", () => this.#answered.resolve());
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
  static override connect(address: SocketAddress): Promise<WebSocketPeer> {
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

  /** Sends `bytes`, in messages that any server takes. */
  override send(bytes: Uint8Array): void {
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
    this.socket.write(bytes);
  }

  /** Sends bytes; resolves when the system has taken them. */
  drained(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Sends a close frame. */
  override end(code = 1000, text = ""): void {
    this.frame(Opcode.Close, closePayload(code, text));
  }

  /** Ends the connection below, without a close frame. */
  cut(): void {
    this.socket.end();
  }

  protected override onData(chunk: Uint8Array): void {
    const rest = this.#takeAnswer(chunk);
    if (rest === undefined) return;
    for (const frame of this.#frames.read(rest)) this.#onFrame(frame);
  }

  /** The connection below has ended. */
  protected override onEnd(): void {
    this.socket.end();
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
    if (frame.opcode === Opcode.Binary) return super.onData(frame.payload);
    this.control.push(frame);
    if (frame.opcode === Opcode.Close) this.hasEnded();
  }
}
