import {
  type AutoSendBuffer,
  AutoSendBufferDisposedError,
  type SendCompletion,
  SendOrQueueResult,
  SendQueueFullError,
} from "../../mod.ts";
import type { End } from "./end.ts";
import { makeMessage } from "./framing.ts";
import { SendLedger } from "./send_ledger.ts";
import { drawSize } from "./traits.ts";

const GARBAGE = 0x5a;
const MOST_MESSAGES = 60;
const DROPPED = "never mind";

/** Gives bytes to the connection. */
type Way = (completion?: SendCompletion) => SendOrQueueResult | void;

/** Sends for an end, in every way there is. */
export class Outbox {
  readonly ledger: SendLedger;
  readonly #end: End;
  #bytesLeft: number;
  #messagesLeft = MOST_MESSAGES;
  #draft: { buffer: AutoSendBuffer; message: Uint8Array } | undefined;

  constructor(end: End) {
    this.#end = end;
    this.ledger = new SendLedger(end);
    this.#bytesLeft = end.world.ground.bytes;
  }

  /** Sends a message, or not if it has sent enough. */
  send(): void {
    const { random, link, world, ctx } = this.#end;
    const size = link.framing.fit(
      Math.min(drawSize(random, world.ground), this.#bytesLeft),
    );
    if (!this.#spend(size)) return;
    const stamp = random.integer(0, 2 ** 17);
    const message = makeMessage(link.framing, stamp, size);
    switch (random.integer(0, 7)) {
      case 0:
        return this.#sendSlice(message);
      case 1:
        return this.#sendPieces(message);
      case 2:
        this.sendDraft();
        this.#keepDraft(message);
        return;
      case 3:
        return this.#sendNoQueue(message);
      default:
        return this.#lend(
          message.slice(),
          (bytes) =>
            this.#transmit(message, (told) => ctx.sendOrQueue(bytes, told)),
        );
    }
  }

  /** Sends the bytes from `start` to `end` of the message in hand; false if it has sent enough. */
  echo(buf: Uint8Array, start: number, end: number): boolean {
    if (!this.#spend(end - start)) return false;
    const { ctx } = this.#end;
    this.#transmit(
      buf.slice(start, end),
      (told) => ctx.sendSlice(buf, start, end, told),
    );
    return true;
  }

  /** Sends what was written and kept. */
  sendDraft(): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    this.#draft = undefined;
    const { buffer, message } = draft;
    this.#transmit(message, () => buffer[Symbol.dispose](), false);
    try {
      buffer.writeText("x");
      this.#end.broke("a buffer was written to that was sent");
    } catch (error) {
      if (!(error instanceof AutoSendBufferDisposedError)) throw error;
    }
  }

  #spend(size: number): boolean {
    if (this.#messagesLeft === 0 || size > this.#bytesLeft) return false;
    this.#bytesLeft -= size;
    this.#messagesLeft--;
    return true;
  }

  /** Has `send` send `bytes`, which are the sender's again afterwards. */
  #lend(bytes: Uint8Array, send: (bytes: Uint8Array) => void): void {
    send(bytes);
    bytes.fill(GARBAGE);
  }

  #sendSlice(message: Uint8Array): void {
    const { random, ctx } = this.#end;
    const start = random.integer(0, 20);
    const end = start + message.length;
    const around = new Uint8Array(end + random.integer(0, 20));
    around.set(message, start);
    this.#lend(around, (bytes) =>
      this.#transmit(
        message,
        (told) => ctx.sendSlice(bytes, start, end, told),
      ));
  }

  #keepDraft(message: Uint8Array): void {
    const buffer = this.#write(message);
    if (buffer !== undefined) this.#draft = { buffer, message };
  }

  #sendPieces(message: Uint8Array): void {
    const buffer = this.#write(message);
    if (buffer === undefined) return;
    this.#transmit(message, (told) => buffer.send(told));
    buffer.clear(); // it keeps what was refused
    buffer[Symbol.dispose]();
  }

  /** A buffer that holds `message`; undefined if that is more than can ever be sent. */
  #write(message: Uint8Array): AutoSendBuffer | undefined {
    const { random, ctx, traits } = this.#end;
    const { maxSendQueue } = traits.options;
    const buffer = ctx.acquireSend();
    if (random.chance(0.2) && maxSendQueue >= DROPPED.length) {
      buffer.writeText(DROPPED);
      buffer.clear();
    }
    const half = random.integer(0, message.length);
    try {
      buffer.write(message, 0, half);
      buffer.write(message.subarray(half));
    } catch (error) {
      const isRight = error instanceof SendQueueFullError &&
        message.length > maxSendQueue;
      if (!isRight) throw error;
      buffer.clear();
      buffer[Symbol.dispose]();
      return undefined;
    }
    if (message.length > maxSendQueue) {
      this.#end.broke("more was written than maxSendQueue");
    }
    return buffer;
  }

  /** As far as possible at once, and the rest by the queue. */
  #sendNoQueue(message: Uint8Array): void {
    const { ctx, out } = this.#end;
    out.offer(message);
    this.#lend(message.slice(), (bytes) => {
      const taken = ctx.sendNoQueue(bytes);
      if (taken === bytes.length) return;
      const rest = bytes.subarray(taken);
      this.#commit(message, taken, (told) => ctx.sendOrQueue(rest, told));
    });
  }

  #transmit(message: Uint8Array, way: Way, mayAwait = true): void {
    this.#end.out.offer(message);
    this.#commit(message, 0, way, mayAwait);
  }

  /** Sends the rest of a message that was offered, of which `taken` bytes are out. */
  #commit(message: Uint8Array, taken: number, way: Way, mayAwait = true): void {
    const { out, random, ctx, traits } = this.#end;
    const { maxSendQueue, sendQueueOverflow } = traits.options;
    const size = message.length - taken;
    const isBeyond = ctx.sender.bytesQueued + size > maxSendQueue;
    const begun = mayAwait && random.chance(0.5)
      ? this.ledger.begin(out.accepted)
      : undefined;
    const { pendingCount } = ctx.sender;
    const before = this.#countAccepted;
    try {
      const result = way(begun?.completion);
      const isAccepted = size === 0
        ? result !== SendOrQueueResult.Closed
        : this.#countAccepted === before + size;
      this.#checkResult(result, isAccepted, isBeyond && size > 0);
      if (isAccepted) return;
      const isKept = ctx.sender.pendingCount > pendingCount;
      const isOverflow = isBeyond && sendQueueOverflow === "close";
      this.#onClosed(isKept || (isOverflow && begun === undefined));
      if (!isKept) this.ledger.refuse(begun?.send, true);
    } catch (error) {
      const isRight = error instanceof SendQueueFullError && isBeyond &&
        sendQueueOverflow === "reject";
      if (!isRight) throw error;
      this.ledger.refuse(begun?.send, false);
    }
    out.retract(message, taken);
    // Nothing can follow a part of a message.
    if (taken > 0) this.#end.close(new Error("a message is cut"));
  }

  #checkResult(
    result: SendOrQueueResult | void,
    isAccepted: boolean,
    isBeyond: boolean,
  ): void {
    if (isAccepted && isBeyond) {
      this.#end.broke("more is queued than maxSendQueue");
    }
    if (
      result !== undefined &&
      isAccepted === (result === SendOrQueueResult.Closed)
    ) {
      this.#end.broke(
        `a send says ${result}, and was ${isAccepted ? "" : "not "}accepted`,
      );
    }
  }

  /** A send says that the connection is closed, or closes because of it. */
  #onClosed(isOverflow: boolean): void {
    const { life, tap } = this.#end;
    if (!isOverflow) return life.foundClosing();
    if (life.isSurelyOpen && !tap.isDestroyed) {
      this.#end.broke("it is not aborted");
    }
    life.close({
      what: "a send beyond maxSendQueue",
      isReason: (reason) => reason instanceof SendQueueFullError,
    });
  }

  get #countAccepted(): number {
    const { sender } = this.#end.ctx;
    return sender.bytesSent + sender.bytesQueued;
  }
}
