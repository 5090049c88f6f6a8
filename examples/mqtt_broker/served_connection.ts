// One connection to the broker, in the thread that serves it: what does not need
// the broker.

import type { MessageContext, MessageHandlers } from "../../mod.ts";
import type { Connection } from "./client.ts";
import type { Packet } from "./packets.ts";

const PATIENCE = 1.5;
/** While a client is to be sent so many bytes it may not be read from: the low-water mark. */
const MUCH = 256 * 1024;

/** Milliseconds on some clock. */
export interface Clock {
  now(): number;
}

/** Who is told what a client says, and becomes of it. */
export interface Listener {
  take(packet: Packet): void;
  /** A message to the client was dropped, since it reads too slowly. */
  countDropped(): void;
  leave(): void;
}

/** Serves a connection. */
export class ServedConnection implements MessageHandlers<Packet>, Connection {
  readonly #listener: Listener;
  readonly #clock: Clock;
  /** So many bytes may wait to be sent before messages of QoS 0 are dropped. */
  readonly #queuedBytes: number;
  #ctx: MessageContext<Packet> | undefined = undefined;
  #lastHeard = 0;
  #isHeldUp = false;

  /** `listenerFor` makes who is told, before anything is said. */
  constructor(
    clock: Clock,
    queuedBytes: number,
    listenerFor: (connection: ServedConnection) => Listener,
  ) {
    this.#clock = clock;
    this.#queuedBytes = queuedBytes;
    this.#listener = listenerFor(this);
  }

  send(packet: Packet): void {
    const isUrgent = packet.type !== "publish" || packet.qos > 0;
    if (!isUrgent && this.#bytesQueued > this.#queuedBytes) {
      return this.#listener.countDropped();
    }
    this.#ctx?.send(packet);
  }

  close(reason?: Error): void {
    this.#ctx?.close(reason);
  }

  /** Takes nothing more of the client before `room` is resolved. */
  async holdUp(room: Promise<void>): Promise<void> {
    this.#isHeldUp = true;
    this.#ctx?.pauseReading();
    await room;
    this.#isHeldUp = false;
    this.#lastHeard = this.#clock.now();
    this.#ctx?.resumeReading();
  }

  onConnected(ctx: MessageContext<Packet>): void {
    this.#ctx = ctx;
  }

  onMessage(packet: Packet, ctx: MessageContext<Packet>): void {
    this.#lastHeard = this.#clock.now();
    if (packet.type === "connect" && packet.keepAlive > 0) {
      this.#watch(PATIENCE * 1000 * packet.keepAlive, ctx);
    }
    this.#listener.take(packet);
  }

  onDrain(ctx: MessageContext<Packet>): void {
    ctx.close();
  }

  onClose(): void {
    this.#ctx = undefined;
    this.#listener.leave();
  }

  get #bytesQueued(): number {
    return this.#ctx?.sender.bytesQueued ?? 0;
  }

  /** Closes the connection when nothing has come for `limitMs`. */
  #watch(limitMs: number, ctx: MessageContext<Packet>): void {
    const silentMs = this.#clock.now() - this.#lastHeard;
    if (silentMs < limitMs) {
      ctx.after(limitMs - silentMs, () => this.#watch(limitMs, ctx));
    } else if (this.#isHeldUp || this.#bytesQueued > MUCH) {
      // What it says may not be read before it reads itself: `sendTimeoutMs` counts.
      ctx.after(limitMs, () => this.#watch(limitMs, ctx));
    } else ctx.abort();
  }
}
