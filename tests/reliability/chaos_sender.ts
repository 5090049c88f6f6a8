import {
  type AutoSendBuffer,
  AutoSendBufferDisposedError,
  type DispatchContext,
  type SendCompletion,
  SendOrQueueResult,
  SendQueueFullError,
  type SimRandom,
} from "../../mod.ts";
import { type EndFraming, makeMessage } from "./framing.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Stream } from "./stream.ts";
import type { TapSocket } from "./tap.ts";
import type { Workload } from "./workloads.ts";
import { SendLedger } from "../support/send_ledger.ts";
import { drawSize, type EndConfig } from "./end_config.ts";

const GARBAGE = 0x5a;
const MOST_MESSAGES = 60;
const DROPPED = "never mind";

/** What a {@linkcode ChaosSender} needs of its end. */
export interface SendingEnd {
  readonly random: SimRandom;
  readonly config: EndConfig;
  readonly cluster: { readonly workload: Workload };
  readonly pair: { readonly framing: EndFraming };
  readonly life: Lifecycle;
  readonly ctx: DispatchContext<never>;
  readonly tap: TapSocket;
  /** The stream that it sends. */
  readonly out: Stream;
  close(reason: Error | undefined): void;
  /** Called for a completion. `body` checks the result. */
  onCompletion(body: () => void): unknown;
  /** Reports a broken promise. */
  broke(what: string): void;
}

/** Sends bytes in one particular way. */
type SendCall = (completion?: SendCompletion) => SendOrQueueResult | void;

/** Sends for an end in every possible way. */
export class ChaosSender {
  readonly ledger: SendLedger;
  readonly #end: SendingEnd;
  #bytesLeft: number;
  #messagesLeft = MOST_MESSAGES;
  #draft: { buffer: AutoSendBuffer; message: Uint8Array } | undefined;

  constructor(end: SendingEnd) {
    this.#end = end;
    this.ledger = new SendLedger({
      broke: (what) => end.broke(what),
      onCompletion: (body) => end.onCompletion(body),
      onSent(position) {
        if (position <= end.out.handed.position) return;
        end.broke(`a send to ${position} is not out: ${end.out}`);
      },
      onLost: () => end.life.foundGone(),
    });
    this.#bytesLeft = end.cluster.workload.bytes;
  }

  /** Sends a message, unless it has sent enough. */
  send(): void {
    const { random, pair, cluster, ctx } = this.#end;
    const size = pair.framing.fit(
      Math.min(drawSize(random, cluster.workload), this.#bytesLeft),
    );
    if (!this.#spend(size)) return;
    const stamp = random.integer(0, 2 ** 17);
    const message = makeMessage(pair.framing, stamp, size);
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
        return this.#sendAndOverwrite(
          message.slice(),
          (bytes) =>
            this.#transmit(
              message,
              (completion) => ctx.sendOrQueue(bytes, completion),
            ),
        );
    }
  }

  /**
   * Sends the bytes from `start` to `end` of the current message. Returns false
   * if it has sent enough.
   */
  echo(buf: Uint8Array, start: number, end: number): boolean {
    if (!this.#spend(end - start)) return false;
    const { ctx } = this.#end;
    this.#transmit(
      buf.slice(start, end),
      (completion) => ctx.sendSlice(buf, start, end, completion),
    );
    return true;
  }

  /** Sends a message that was written earlier. */
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

  /**
   * Sends `bytes` by `send`, and overwrites them as soon as they are the
   * sender's again.
   */
  #sendAndOverwrite(
    bytes: Uint8Array,
    send: (bytes: Uint8Array) => void,
  ): void {
    send(bytes);
    bytes.fill(GARBAGE);
  }

  #sendSlice(message: Uint8Array): void {
    const { random, ctx } = this.#end;
    const start = random.integer(0, 20);
    const end = start + message.length;
    const around = new Uint8Array(end + random.integer(0, 20));
    around.set(message, start);
    this.#sendAndOverwrite(around, (bytes) =>
      this.#transmit(
        message,
        (completion) => ctx.sendSlice(bytes, start, end, completion),
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
    buffer.clear(); // it still holds what was refused
    buffer[Symbol.dispose]();
  }

  /**
   * Writes `message` to a buffer. Returns undefined if it exceeds every limit.
   */
  #write(message: Uint8Array): AutoSendBuffer | undefined {
    const { random, ctx, config } = this.#end;
    const { maxSendQueue } = config.options;
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

  /** Sends as much as possible at once, and the rest through the queue. */
  #sendNoQueue(message: Uint8Array): void {
    const { ctx, out } = this.#end;
    out.offer(message);
    this.#sendAndOverwrite(message.slice(), (bytes) => {
      const taken = ctx.sendNoQueue(bytes);
      if (taken === bytes.length) return;
      const rest = bytes.subarray(taken);
      this.#commit(
        message,
        taken,
        (completion) => ctx.sendOrQueue(rest, completion),
      );
    });
  }

  #transmit(message: Uint8Array, send: SendCall, mayAwait = true): void {
    this.#end.out.offer(message);
    this.#commit(message, 0, send, mayAwait);
  }

  /** Sends the rest of an offered message, of which `taken` bytes are sent. */
  #commit(
    message: Uint8Array,
    taken: number,
    send: SendCall,
    mayAwait = true,
  ): void {
    const { out, random, ctx, config } = this.#end;
    const { maxSendQueue, sendQueueOverflow } = config.options;
    const size = message.length - taken;
    const isBeyond = ctx.sender.bytesQueued + size > maxSendQueue;
    const begun = mayAwait && random.chance(0.5)
      ? this.ledger.begin(out.accepted)
      : undefined;
    const { pendingCount } = ctx.sender;
    const before = this.#acceptedCount;
    try {
      const result = send(begun?.completion);
      const isAccepted = size === 0
        ? result !== SendOrQueueResult.Closed
        : this.#acceptedCount === before + size;
      const isKept = ctx.sender.pendingCount > pendingCount;
      if (isAccepted || isKept) this.ledger.accept(begun?.send);
      else this.ledger.refuse(begun?.send, true);
      this.#checkResult(result, isAccepted, isBeyond && size > 0);
      if (isAccepted) return;
      const isOverflow = isBeyond && sendQueueOverflow === "close";
      this.#onClosed(isKept || (isOverflow && begun === undefined));
    } catch (error) {
      const isRight = error instanceof SendQueueFullError && isBeyond &&
        sendQueueOverflow === "reject";
      if (!isRight) throw error;
      this.ledger.refuse(begun?.send, false);
    }
    out.retract(message, taken);
    // A partial message must be the last one.
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

  /** Called when a send finds the connection closed, or closes it. */
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

  get #acceptedCount(): number {
    const { sender } = this.#end.ctx;
    return sender.bytesSent + sender.bytesQueued;
  }
}
