/**
 * Sending to many connections at once.
 *
 * @module
 */

import type { GroupSender } from "../../api/group_sender.ts";
import type { DispatchContext } from "../../api/reactor.ts";
import { asBytes } from "../../api/bytes.ts";
import {
  InvalidMemberError,
  SendQueueFullError,
  SlowMemberError,
} from "../../api/errors.ts";
import type { BinaryWriter } from "../../codec/binary_writer.ts";
import type { Codec } from "../../codec/codec.ts";
import { checkEncoded } from "../../codec/frames.ts";
import { SpareWriter } from "../../codec/spare_writer.ts";
import { EMPTY } from "../../util/empty.ts";
import { countIs, countOf, read, textOf } from "../../util/text.ts";
import { sizeOf } from "../../util/views.ts";
import { peerOf } from "../../api/address.ts";
import { GroupMessages } from "./group_messages.ts";
import {
  REACTOR_GROUP_OPTIONS,
  type ReactorGroupOptions,
} from "./reactor_group_options.ts";

interface Member<Context> {
  readonly ctx: Context;
  /** How many messages it has missed that `onSkip` was not called with yet. */
  skippedCount: number;
}

/**
 * Connections of one thread that are all sent the same: the members of a chat
 * room, the subscribers of a topic.
 *
 * A message is encoded once, into a buffer that the queues of all members send
 * from, however many they are and however long they take. Members leave
 * automatically as soon as their connection accepts nothing more: when it is
 * closing, or after `end`.
 *
 * `send` closes no connection, and the only code of yours that it calls is the
 * codec, before anything is sent. So exactly those who are members by then get
 * the message.
 *
 * `onSkip`, and a loop over the members, get what was given to `add`, of the type
 * `Context`. So each member of a `ReactorGroup<Message, MessageContext<Message>>`
 * can be sent messages of its own.
 *
 * @example A chat room
 * ```ts
 * import {
 *   DefaultTcpListenerHandler,
 *   MessageResult,
 *   ReactorGroup,
 *   ReactRuntime,
 * } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const room = new ReactorGroup({ slow: "skip" });
 * const listener = await runtime.listen(
 *   "127.0.0.1:0",
 *   new DefaultTcpListenerHandler(() => ({
 *     onConnected: (ctx) => void room.add(ctx),
 *     onInboundMessage(buf) {
 *       room.send(buf);
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })),
 * );
 * const received = await new Promise<string>((resolve) =>
 *   runtime.connect(listener.address, {
 *     onConnected: (ctx) => void ctx.sendOrQueue(new TextEncoder().encode("hi")),
 *     onInboundMessage(buf) {
 *       resolve(new TextDecoder().decode(buf));
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })
 * );
 * console.log(received, room.size); // hi 1
 * ```
 *
 * @category Reactors
 */
export class ReactorGroup<
  Sent = ArrayBufferView,
  Context extends DispatchContext = DispatchContext,
> implements Iterable<Context> {
  readonly #codec: Pick<Codec<unknown, Sent>, "encode"> | undefined;
  readonly #slow: "close" | "skip" | "wait";
  readonly #highWaterMark: number;
  readonly #onSkip: (ctx: Context, messageCount: number) => void;
  readonly #members = new Map<GroupSender, Member<Context>>();
  readonly #messages = new GroupMessages();
  readonly #spare = new SpareWriter(2 ** 30);
  #whenReady: Promise<void> | undefined = undefined;
  #skippedCount = 0;
  #closedCount = 0;

  /**
   * Makes a group without members.
   * @param options The codec, and what happens to slow members.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  constructor(options: ReactorGroupOptions<Sent, Context> = {}) {
    const settings = REACTOR_GROUP_OPTIONS.fill(
      options as ReactorGroupOptions<unknown>,
    );
    this.#codec = settings.codec;
    this.#slow = settings.slow;
    this.#highWaterMark = settings.highWaterMark;
    this.#onSkip = settings.onSkip;
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }

  /** How many messages slow members have missed, counted once for each member. */
  get skippedCount(): number {
    return this.#skippedCount;
  }

  /** How many members were closed because they were slow. */
  get closedCount(): number {
    return this.#closedCount;
  }

  /**
   * Makes a connection a member, until it is removed or begins to close.
   *
   * @param ctx The context that its handlers get.
   * @returns False if it is a member already, or is closed or closing.
   * @throws {InvalidMemberError} If it is not the context of a connection.
   */
  add(ctx: Context): boolean {
    const sender = senderOf(ctx);
    if (!sender.isOpen || this.#members.has(sender)) return false;
    this.#members.set(sender, { ctx, skippedCount: 0 });
    sender.join(this.#membership);
    return true;
  }

  /**
   * Removes a connection from the group. What was sent to it before still goes
   * out.
   *
   * @param ctx The context that its handlers get.
   * @returns False if it was not a member.
   * @throws {InvalidMemberError} If it is not the context of a connection.
   */
  remove(ctx: DispatchContext): boolean {
    return this.#remove(senderOf(ctx));
  }

  /**
   * Tells whether a connection is a member.
   *
   * @param ctx The context that its handlers get.
   * @returns True if it is.
   * @throws {InvalidMemberError} If it is not the context of a connection.
   */
  has(ctx: DispatchContext): boolean {
    return this.#members.has(senderOf(ctx));
  }

  /**
   * The members, in the order in which they were added.
   *
   * @returns Their contexts, as they were given to `add`.
   */
  *[Symbol.iterator](): IterableIterator<Context> {
    for (const { ctx } of this.#members.values()) yield ctx;
  }

  /**
   * Sends `message` to all members that are not slow, in order with everything
   * else that their connections send. May be called from anywhere in this
   * thread.
   *
   * @param message The message for the codec; bytes if there is none. It is the
   * caller's again when the call returns.
   * @returns How many members get it: 0 if there are none, if all are slow, or
   * if the message has no bytes. Without members the message is still encoded,
   * so that a mistake in it shows.
   * @throws {SendQueueFullError} If a member is slow, and `slow` is `"wait"`:
   * nobody gets it.
   * @throws {InvalidSliceError} If there is no codec, and `message` is not a
   * view. If the codec throws, that is thrown, and nobody gets the message.
   */
  send(message: Sent): number {
    const writer = this.#spare.take();
    try {
      return this.#sendBytes(this.#encode(message, writer));
    } finally {
      this.#spare.giveBack(writer);
    }
  }

  /**
   * Waits for slow members.
   *
   * @returns Resolves when no member has more queued than `highWaterMark`, at
   * once if that is already so. What is sent next then goes to all, if it fits
   * within every `maxSendQueue`.
   */
  whenReady(): Promise<void> {
    return this.#whenReady ??= this.#awaitAll().finally(() =>
      this.#whenReady = undefined
    );
  }

  #encode(message: Sent, writer: BinaryWriter): Uint8Array {
    if (this.#codec === undefined) return asBytes(message as ArrayBufferView);
    checkEncoded(this.#codec.encode(message, writer));
    return writer.getWritten();
  }

  #sendBytes(bytes: Uint8Array): number {
    const size = sizeOf(bytes);
    if (size === 0 || this.#members.size === 0) return 0;
    if (this.#slow === "wait") this.#checkRoom(size);
    const [first] = this.#members.keys();
    const messages = this.#messages.write(bytes, size, first);
    let count = 0;
    for (const [sender, member] of this.#members) {
      if (this.#isSlow(sender, size)) this.#onSlow(sender, member);
      else {
        sender.sendShared(messages);
        count++;
      }
    }
    messages.release();
    return count;
  }

  #isSlow(sender: GroupSender, size: number): boolean {
    return sender.bytesQueued > this.#highWaterMark || !sender.hasRoomFor(size);
  }

  #checkRoom(size: number): void {
    for (const [sender, { ctx }] of this.#members) {
      if (!this.#isSlow(sender, size)) continue;
      throw new SendQueueFullError(
        `Cannot send ${countOf(size, "byte")} to a group: ${
          countIs(sender.bytesQueued, "byte")
        } queued for ${peerOf(ctx.socket)}`,
      );
    }
  }

  #onSlow(sender: GroupSender, member: Member<Context>): void {
    if (this.#slow === "close") this.#close(sender, member.ctx);
    else this.#skip(sender, member);
  }

  #close(sender: GroupSender, ctx: DispatchContext): void {
    const { bytesQueued } = sender;
    this.#remove(sender);
    this.#closedCount++;
    sender.defer(() =>
      ctx.abort(
        new SlowMemberError(
          `Aborted the connection to ${peerOf(ctx.socket)}: it is slow, ${
            countIs(bytesQueued, "byte")
          } queued for it, and highWaterMark of its group is ${this.#highWaterMark}`,
        ),
      )
    );
  }

  #skip(sender: GroupSender, member: Member<Context>): void {
    this.#skippedCount++;
    if (++member.skippedCount > 1) return;
    sender.defer(() => {
      const { ctx, skippedCount } = member;
      member.skippedCount = 0;
      return this.#onSkip(ctx, skippedCount);
    });
  }

  #remove(sender: GroupSender): boolean {
    sender.leave(this.#membership);
    return this.#members.delete(sender);
  }

  readonly #membership = {
    onSenderClosed: (sender: GroupSender): void =>
      void this.#members.delete(sender),
  };

  async #awaitAll(): Promise<void> {
    for (;;) {
      const slow = [...this.#members.keys()].filter((sender) =>
        sender.bytesQueued > this.#highWaterMark
      );
      if (slow.length === 0) return;
      await Promise.all(slow.map(whenSent));
    }
  }
}

/** Resolves when all that is queued now is out, or lost. */
function whenSent(sender: GroupSender): Promise<void> {
  return new Promise((resolve) => {
    sender.sendOrQueue(EMPTY, () => resolve());
  });
}

function senderOf(ctx: DispatchContext): GroupSender {
  const sender = read(ctx, "sender");
  if (typeof read(sender, "sendShared") === "function") {
    return sender as GroupSender;
  }
  throw new InvalidMemberError(
    `Cannot use ${
      textOf(ctx)
    } as a member of a group: it is not the context of a connection`,
  );
}
