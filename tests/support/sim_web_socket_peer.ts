import type { Adapter, Address } from "../../mod.ts";
import type { Environment } from "../conformance/environment.ts";
import { SimPeer } from "../conformance/sim_peer.ts";
import {
  clientFrame,
  closePayload,
  messageFrames,
  Opcode,
  request,
} from "./web_socket_frames.ts";
import { WebSocketReplies } from "./web_socket_replies.ts";

/**
 * A WebSocket client on a simulated host that is independent of the library.
 */
export class SimWebSocketPeer extends SimPeer {
  readonly #replies = new WebSocketReplies();

  /**
   * Connects to a WebSocket at `/`. Resolves when it is open, even if it is
   * closed at once.
   */
  static override async connect(
    adapter: Adapter,
    address: Address,
    eventually: Environment["eventually"],
  ): Promise<SimWebSocketPeer> {
    const peer = new SimWebSocketPeer(eventually);
    await peer.open(adapter, address);
    peer.#raw(new TextEncoder().encode(request()));
    await peer.#replies.answered;
    return peer;
  }

  /** Sends `bytes`, in messages small enough for any server. */
  override send(bytes: Uint8Array): void {
    for (const frame of messageFrames(bytes)) this.#raw(frame);
  }

  /** Sends a close frame. */
  override end(code = 1000): void {
    this.#raw(clientFrame(Opcode.Close, closePayload(code)));
  }

  override onData(buffer: Uint8Array, length: number): void {
    const chunk = buffer.slice(0, length);
    for (const { opcode, payload } of this.#replies.take(chunk)) {
      if (opcode === Opcode.Close) super.onEnd();
      else super.onData(payload, payload.length);
    }
  }

  /** The underlying connection has ended. */
  override onEnd(): void {
    super.end();
  }

  override onClose(): void {
    this.#replies.close();
    super.onClose();
  }

  #raw(bytes: Uint8Array): void {
    super.send(bytes);
  }
}
