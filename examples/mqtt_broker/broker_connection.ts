// One connection to the broker, in the thread that serves it: what does not need
// the broker.

import type { Clock, MessageContext, MessageHandlers } from "../../mod.ts";
import type { ClientConnection } from "./client.ts";
import type { Packet } from "./packets.ts";

/** How long a client may be silent, as a multiple of its keep-alive: 3.1.2.10. */
const KEEP_ALIVE_FACTOR = 1.5;
/** A client that more bytes wait for may not be read from. */
const LOW_WATER_MARK = 256 * 1024;

/** Who is told what a client says, and becomes of it. */
export interface PacketHandler {
  take(packet: Packet): void;
  /** A message to the client was dropped, since it reads too slowly. */
  countDropped(): void;
  /** The client says no more: its connection is to be closed behind the answers. */
  end(): void;
  leave(): void;
}

/** Serves a connection. */
export class BrokerConnection
  implements MessageHandlers<Packet>, ClientConnection {
  readonly #handler: PacketHandler;
  readonly #clock: Pick<Clock, "now">;
  /** So many bytes may wait to be sent before messages of QoS 0 are dropped. */
  readonly #queuedBytes: number;
  #ctx: MessageContext<Packet> | undefined = undefined;
  #lastHeard = 0;
  #isPaused = false;

  /** `handlerFor` makes who is told, before anything is said. */
  constructor(
    clock: Pick<Clock, "now">,
    queuedBytes: number,
    handlerFor: (connection: BrokerConnection) => PacketHandler,
  ) {
    this.#clock = clock;
    this.#queuedBytes = queuedBytes;
    this.#handler = handlerFor(this);
  }

  send(packet: Packet): void {
    const isUrgent = packet.type !== "publish" || packet.qos > 0;
    if (!isUrgent && this.#bytesQueued > this.#queuedBytes) {
      return this.#handler.countDropped();
    }
    this.#ctx?.send(packet);
  }

  close(reason?: Error): void {
    this.#ctx?.close(reason);
  }

  /** Takes nothing more of the client before `room` is resolved. */
  async pauseUntil(room: Promise<void>): Promise<void> {
    this.#isPaused = true;
    this.#ctx?.pauseReading();
    await room;
    this.#isPaused = false;
    this.#lastHeard = this.#clock.now();
    this.#ctx?.resumeReading();
  }

  onConnected(ctx: MessageContext<Packet>): void {
    this.#ctx = ctx;
  }

  onMessage(packet: Packet, ctx: MessageContext<Packet>): void {
    this.#lastHeard = this.#clock.now();
    if (packet.type === "connect" && packet.keepAlive > 0) {
      this.#watch(KEEP_ALIVE_FACTOR * 1000 * packet.keepAlive, ctx);
    }
    this.#handler.take(packet);
  }

  onPeerEnd(): void {
    this.#handler.end();
  }

  onDrain(ctx: MessageContext<Packet>): void {
    ctx.close();
  }

  onClose(): void {
    this.#ctx = undefined;
    this.#handler.leave();
  }

  get #bytesQueued(): number {
    return this.#ctx?.sender.bytesQueued ?? 0;
  }

  /** Closes the connection when nothing has come for `limitMs`. */
  #watch(limitMs: number, ctx: MessageContext<Packet>): void {
    const silentMs = this.#clock.now() - this.#lastHeard;
    if (silentMs < limitMs) {
      ctx.after(limitMs - silentMs, () => this.#watch(limitMs, ctx));
    } else if (this.#isPaused || this.#bytesQueued > LOW_WATER_MARK) {
      // What it says may not be read before it reads itself: `sendTimeoutMs` counts.
      ctx.after(limitMs, () => this.#watch(limitMs, ctx));
    } else ctx.abort();
  }
}
