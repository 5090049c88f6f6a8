import {
  type DispatchContext,
  type InboundHandler,
  MessageResult,
  MessageTooLargeError,
  type MsgReader,
  type ReactorReadableContext,
  type SimRandom,
} from "../../mod.ts";
import type { ChaosSender } from "./chaos_sender.ts";
import type { EndConfig } from "./end_config.ts";
import { type EndFraming, UNFRAMED } from "./framing.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Stream } from "./stream.ts";

const GARBAGE = 0x5a;
/** The longest read of a simulated socket. */
const LONGEST_READ = 65536;

/** What a {@linkcode ChaosReceiver} needs of its end. */
export interface ReceivingEnd {
  readonly random: SimRandom;
  readonly config: EndConfig;
  readonly pair: { readonly framing: EndFraming };
  readonly life: Lifecycle;
  readonly reader: MsgReader;
  /** The stream that it receives. */
  readonly in: Stream;
  /**
   * The senders of its process that may send back what it receives, including
   * its own.
   */
  readonly echoSenders: readonly ChaosSender[];
  /** Reports a broken promise. */
  broke(what: string): void;
}

/** Receives for an end, and checks every byte and what the runtime reports. */
export class ChaosReceiver {
  readonly #end: ReceivingEnd;
  /**
   * How many bytes of the current message the handler has seen, and how many it
   * expects.
   */
  #seen = 0;
  #expected = 0;

  constructor(end: ReceivingEnd) {
    this.#end = end;
  }

  /**
   * Consumes messages from `buf`, or expects more; see
   * `Reactor.onInboundMessage`.
   */
  onMessage(
    buf: Uint8Array,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    if (
      decodedMsgSize !== this.#expected || buf.length < decodedMsgSize ||
      newBytes !== buf.length - this.#seen || newBytes === 0 ||
      buf.length > this.#end.config.options.maxMessageSize
    ) {
      this.#end.broke(
        `onInboundMessage got ${buf.length} bytes, ${newBytes} of them new, ${decodedMsgSize} expected, but saw ${this.#seen} and expected ${this.#expected}`,
      );
    }
    const taken = this.#take(buf);
    this.#seen = taken > 0 ? 0 : buf.length;
    this.#expected = taken > 0 ? 0 : this.#sizeToExpect(buf);
    return taken > 0
      ? MessageResult.dropMsgSize(taken)
      : MessageResult.expectMsgSize(this.#expected);
  }

  /** Reads messages for `handler`, in the way of this end. */
  read<UserCommand>(
    ctx: ReactorReadableContext<UserCommand>,
    handler: InboundHandler<DispatchContext<UserCommand>>,
  ): void {
    const { config, random } = this.#end;
    const isFastRead = config.reading === "changing"
      ? random.chance(0.5)
      : config.reading === "fastRead";
    if (isFastRead) ctx.reader.tryReadFastRead(ctx, handler);
    else ctx.reader.tryReadFastDispatch(ctx, handler);
  }

  /**
   * Checks that nothing is lost, and that the reader buffers no more than it
   * may.
   */
  check(): void {
    const { in: stream, reader, config, life } = this.#end;
    const kept = reader.bytesBuffered;
    if (kept > config.options.maxMessageSize + LONGEST_READ) {
      this.#end.broke(`the reader keeps ${kept} bytes`);
    }
    const { received, arrived } = stream;
    if (life.isSurelyOpen && received.position + kept !== arrived.position) {
      this.#end.broke(`${kept} bytes are in the reader: ${stream}`);
    }
  }

  /**
   * Consumes one message of `buf`, or all complete ones. Returns their size.
   */
  #take(buf: Uint8Array): number {
    const { config, pair } = this.#end;
    let taken = 0;
    do {
      const size = this.#sizeAt(buf, taken);
      if (size === 0 || taken + size > buf.length) break;
      if (!this.#accept(buf, taken, taken + size)) return buf.length;
      taken += size;
    } while (
      config.takesAll && taken < buf.length && pair.framing !== UNFRAMED
    );
    return taken;
  }

  #sizeAt(buf: Uint8Array, start: number): number {
    const { random, config, pair: { framing } } = this.#end;
    const size = framing.sizeAt(buf, start);
    if (framing === UNFRAMED && !config.takesAll) {
      return random.integer(1, size);
    }
    return size;
  }

  /**
   * Checks a received message, or a piece of an unframed stream. Returns false
   * if it is wrong.
   */
  #accept(buf: Uint8Array, start: number, end: number): boolean {
    const { in: { received }, pair, config, random } = this.#end;
    const isMessage = pair.framing === UNFRAMED ||
      received.nextSize === end - start;
    if (!isMessage || !received.matches(buf, start, end)) {
      this.#end.broke(
        `a wrong message of ${
          end - start
        } bytes was received at ${received.position}`,
      );
      return false;
    }
    received.advance(end - start);
    if (random.chance(config.echoes)) {
      const sender = random.pick(this.#end.echoSenders);
      if (sender.echo(buf, start, end)) return true;
    }
    buf.fill(GARBAGE, start, end); // allowed during the call
    return true;
  }

  /** The size to expect for an incomplete message. */
  #sizeToExpect(buf: Uint8Array): number {
    const { config, random, pair: { framing }, life } = this.#end;
    const size = framing.sizeAt(buf, 0);
    const { headerSize } = framing;
    let expected = 0;
    if (config.knowsSizes && size > 0) expected = size;
    else if (buf.length < headerSize && headerSize < Infinity) {
      expected = random.chance(0.5) ? headerSize : 0;
    }
    if ((expected || buf.length + 1) > config.options.maxMessageSize) {
      life.close({
        what: "a message beyond maxMessageSize",
        isReason: (reason) => reason instanceof MessageTooLargeError,
      });
    }
    return expected;
  }
}
