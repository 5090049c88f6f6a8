import { connect, type Socket } from "node:net";
import type { SocketAddress } from "../../mod.ts";
import { RawPeer } from "../conformance/peers.ts";
import { asTcp } from "./tcp.ts";
import {
  clientFrame,
  closePayload,
  type Frame,
  messageFrames,
  Opcode,
  request,
} from "./web_socket_frames.ts";
import { WebSocketReplies } from "./web_socket_replies.ts";

/**
 * A WebSocket client that is independent of the library. It uses a plain
 * socket, and answers a close frame only when told to.
 */
export class WebSocketPeer extends RawPeer {
  readonly #replies = new WebSocketReplies();

  private constructor(socket: Socket) {
    super(socket);
    socket.on("close", () => this.#replies.close());
  }

  /** Starts to connect, without sending anything. */
  static begin(address: SocketAddress): WebSocketPeer {
    const { hostname, port } = asTcp(address);
    return new WebSocketPeer(
      connect({ host: hostname, port, allowHalfOpen: true }),
    );
  }

  /**
   * Connects and sends `text`, a request. Resolves when it is answered, or the
   * connection is closed.
   */
  static async open(
    address: SocketAddress,
    text: string = request(),
  ): Promise<WebSocketPeer> {
    const peer = WebSocketPeer.begin(address);
    peer.raw(new TextEncoder().encode(text));
    await peer.#replies.answered;
    return peer;
  }

  /** Connects to a WebSocket at `/`. */
  static override connect(address: SocketAddress): Promise<WebSocketPeer> {
    return WebSocketPeer.open(address);
  }

  /** The control frames received, in order. */
  get control(): readonly Frame[] {
    return this.#replies.control;
  }

  /** The server's response, before the first frame. */
  get answer(): string {
    return this.#replies.answer;
  }

  /** The status of the response; 0 if there is none. */
  get status(): number {
    return this.#replies.status;
  }

  /** The code of the received close frame. */
  get closeCode(): number | undefined {
    return this.#replies.closeCode;
  }

  /** Sends `bytes`, in messages small enough for any server. */
  override send(bytes: Uint8Array): void {
    for (const frame of messageFrames(bytes)) this.raw(frame);
  }

  /** Sends a frame. */
  frame(...args: Parameters<typeof clientFrame>): void {
    this.raw(clientFrame(...args));
  }

  /** Sends bytes that need not be a frame. */
  raw(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends bytes. Resolves when the system has accepted them. */
  drained(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Sends a close frame. */
  override end(code = 1000, text = ""): void {
    this.frame(Opcode.Close, closePayload(code, text));
  }

  /** Ends the underlying connection without a close frame. */
  cut(): void {
    this.socket.end();
  }

  protected override onData(chunk: Uint8Array): void {
    for (const { opcode, payload } of this.#replies.take(chunk)) {
      if (opcode === Opcode.Close) this.hasEnded();
      else super.onData(payload);
    }
  }

  /** The underlying connection has ended. */
  protected override onEnd(): void {
    this.socket.end();
  }
}
