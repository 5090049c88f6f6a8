import { type DispatchContext, MessageResult, type Reactor } from "../mod.ts";
import type { LatencyTable } from "./latency.ts";

/**
 * A message is the length of its body (2 bytes), the time it was sent
 * (8 bytes, in nanoseconds since 1970), both little-endian, and the body.
 */
const HEADER_SIZE = 10;
const TIME_OFFSET = 2;

/** Sends every message back, with a new time. */
export class PingpongReactor implements Reactor {
  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
  ): MessageResult {
    if (buf.length < HEADER_SIZE) {
      return MessageResult.expectMsgSize(HEADER_SIZE);
    }
    const size = HEADER_SIZE + buf[0] + 256 * buf[1];
    if (buf.length < size) return MessageResult.expectMsgSize(size);
    this.onMessage(buf.subarray(0, size), ctx);
    return MessageResult.dropMsgSize(size);
  }

  protected onMessage(message: Uint8Array, ctx: DispatchContext): void {
    this.send(message, ctx);
  }

  protected send(message: Uint8Array, ctx: DispatchContext): void {
    writeTime(message);
    ctx.sendOrQueue(message);
  }
}

/** Begins the game, measures every round trip, and ends after `goal` of them. */
export class PingpongClient extends PingpongReactor {
  /** How many round trips are done. */
  roundTrips = 0;
  readonly #goal: number;
  readonly #table: LatencyTable;
  #sentAt = 0;

  constructor(goal: number, table: LatencyTable) {
    super();
    this.#goal = goal;
    this.#table = table;
  }

  onConnected(ctx: DispatchContext): void {
    this.send(newMessage("ping"), ctx);
  }

  onClose(): void {
    this.#table.finish();
  }

  protected override onMessage(
    message: Uint8Array,
    ctx: DispatchContext,
  ): void {
    this.#table.add(this.#sentAt, performance.now());
    if (++this.roundTrips === this.#goal) ctx.close();
    else this.send(message, ctx);
  }

  protected override send(message: Uint8Array, ctx: DispatchContext): void {
    this.#sentAt = performance.now();
    super.send(message, ctx);
  }
}

function newMessage(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const message = new Uint8Array(HEADER_SIZE + body.length);
  message[0] = body.length & 0xff;
  message[1] = body.length >> 8;
  message.set(body, HEADER_SIZE);
  return message;
}

const timeBytes = new Uint8Array(8);
const timeHalves = new DataView(timeBytes.buffer);

/**
 * Writes the time now. A number holds today's nanoseconds to the nearest 256,
 * far less than a round trip takes, and unlike a bigint it is not allocated.
 */
function writeTime(message: Uint8Array): void {
  const nanos = (performance.timeOrigin + performance.now()) * 1e6;
  timeHalves.setUint32(0, nanos, true); // drops what is beyond 32 bits
  timeHalves.setUint32(4, nanos / 2 ** 32, true);
  message.set(timeBytes, TIME_OFFSET);
}
