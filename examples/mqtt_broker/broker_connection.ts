// One connection, in the thread that serves it: everything that does not need the
// broker, which may be in another thread.

import type { Clock, MessageContext, MessageHandlers } from "../../mod.ts";
import type { ClientConnection } from "./client.ts";
import type { Packet } from "./packets.ts";

/** How long a client may be silent, as a multiple of its keep-alive: 3.1.2.10. */
const KEEP_ALIVE_FACTOR = 1.5;
/** If more bytes are queued for a client, it may be that nothing is read from it. */
const LOW_WATER_MARK = 256 * 1024;

/** Gets what a client sends, and is told what becomes of its connection. */
export interface PacketHandler {
  take(packet: Packet): void;
  /** A message to the client was dropped, because it reads too slowly. */
  countDropped(): void;
  /** The client sends nothing more: close the connection after the last answer. */
  end(): void;
  leave(): void;
}

/** Serves a connection. */
export class BrokerConnection
  implements MessageHandlers<Packet>, ClientConnection {
  readonly #handler: PacketHandler;
  readonly #clock: Pick<Clock, "now">;
  /** If more bytes are queued to be sent, messages of QoS 0 are dropped. */
  readonly #queuedBytes: number;
  #ctx: MessageContext<Packet> | undefined = undefined;
  #lastHeard = 0;
  #isPaused = false;

  /** `handlerFor` makes the handler, before the first packet. */
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

  /** Reads nothing more from the client until `room` resolves. */
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
      // Its packets may be waiting unread, so silence proves nothing: `sendTimeoutMs`
      // ends a client that does not read.
      ctx.after(limitMs, () => this.#watch(limitMs, ctx));
    } else ctx.abort();
  }
}
