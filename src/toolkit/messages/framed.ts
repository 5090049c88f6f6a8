/**
 * Reactors of messages.
 *
 * @module
 */

import {
  InvalidMessageResultError,
  InvalidReactorError,
} from "../../api/errors.ts";
import { truncatedMessage } from "../../api/errors/truncated_message.ts";
import { MessageResult } from "../../api/message_result.ts";
import type {
  DispatchContext,
  Reactor,
  ReactorReadableContext,
} from "../../api/reactor.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { Codec } from "../../codec/codec.ts";
import { checkFrameSize } from "../../codec/frames.ts";
import { forget } from "../../util/forget.ts";
import { literalOf, read, textOf } from "../../util/text.ts";
import { checkCodec } from "./check_codec.ts";
import { FramedContext } from "./message_context.ts";
import type { MessageHandlers } from "./message_handlers.ts";

/**
 * Makes a reactor for one connection from a codec and handlers for messages.
 *
 * If the codec throws because of what came in, the connection is closed with
 * that error, and one line is logged. As everywhere, a `TypeError` that is not
 * the library's is taken for a bug, here in the codec. A frame larger than the
 * codec's `maxFrameSize` is refused with {@linkcode FrameTooLargeError} as soon
 * as its size is known, before memory is taken for it. The option
 * `maxMessageSize` of the connection is a separate limit: if it is smaller, a
 * larger frame closes the connection with {@linkcode MessageTooLargeError}.
 *
 * @param codec Reads and writes the messages. One codec serves any number of
 * reactors.
 * @param handlers The handlers for messages.
 * @returns A reactor, for one connection at a time.
 * @throws {InvalidCodecError} If `codec` lacks a method, or a `maxFrameSize`.
 * @throws {InvalidReactorError} If `handlers` have no `onMessage`.
 *
 * @example A server that answers numbers by their squares
 * ```ts
 * import { type Codec, DefaultTcpListenerHandler, framed, ReactRuntime } from "@reactio/reactio";
 *
 * const float64: Codec<number> = {
 *   maxFrameSize: 8,
 *   frameSize: () => 8,
 *   decode: (bytes, start) =>
 *     new DataView(bytes.buffer, bytes.byteOffset + start, 8).getFloat64(0),
 *   encode: (message, out) => out.writeFloat64(message),
 * };
 * await using runtime = new ReactRuntime();
 * const listener = await runtime.listen(
 *   "127.0.0.1:0",
 *   new DefaultTcpListenerHandler(() =>
 *     framed(float64, { onMessage: (x, ctx) => void ctx.send(x * x) })
 *   ),
 * );
 * const client = await runtime.connect(
 *   listener.address,
 *   framed(float64, {
 *     onConnected: (ctx) => void ctx.send(12),
 *     onMessage(answer, ctx) {
 *       console.log(answer); // 144
 *       ctx.close();
 *     },
 *   }),
 * );
 * await client.whenClosed;
 * ```
 *
 * @category Reactors
 */
export function framed<Received, Sent, UserCommand = unknown, Value = unknown>(
  codec: Codec<Received, Sent>,
  handlers: MessageHandlers<Received, Sent, UserCommand, Value>,
): Reactor<UserCommand, Value> {
  checkCodec(codec);
  if (typeof read(handlers, "onMessage") !== "function") {
    forget(handlers);
    throw new InvalidReactorError(
      `Cannot make a reactor of ${textOf(handlers)}: it has no onMessage`,
    );
  }
  return new FramedReactor(codec, handlers);
}

class FramedReactor<Received, Sent, UserCommand, Value>
  implements Reactor<UserCommand, Value> {
  readonly #codec: Codec<Received, Sent>;
  readonly #handlers: MessageHandlers<Received, Sent, UserCommand, Value>;
  readonly #maxFrameSize: number;
  /** The context of the connection that it serves. */
  #context: FramedContext<Sent, UserCommand> | undefined = undefined;

  constructor(
    codec: Codec<Received, Sent>,
    handlers: MessageHandlers<Received, Sent, UserCommand, Value>,
  ) {
    this.#codec = codec;
    this.#handlers = handlers;
    this.#maxFrameSize = codec.maxFrameSize;
  }

  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<UserCommand>,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    const codec = this.#codec;
    const { length } = buf;
    const size = decodedMsgSize > 0
      ? decodedMsgSize
      : codec.frameSize(buf, 0, length, length - newBytes);
    if (
      size <= 0 || size > length || size > this.#maxFrameSize ||
      (size | 0) !== size
    ) return this.#expect(size, length);
    const message = codec.decode(buf, 0, size);
    const context = this.#context as FramedContext<Sent, UserCommand>;
    const result: unknown = this.#handlers.onMessage(message, context);
    if (typeof result === "object") ctx.watch(result as PromiseLike<unknown>);
    return size as MessageResult;
  }

  onConnected(
    ctx: DispatchContext<UserCommand>,
    listenerId: ReactorID,
  ): void {
    if (this.#context !== undefined) {
      throw new InvalidReactorError(
        `Cannot serve the connection of reactor ${ctx.id}: its reactor, made by framed(), serves another one; make one for each`,
      );
    }
    const context = new FramedContext(ctx, this.#codec);
    this.#context = context;
    return this.#handlers.onConnected?.(context, listenerId);
  }

  onClose(reason: Error | undefined, ctx: DispatchContext<UserCommand>): void {
    const context = this.#context;
    // The handlers do not know of a connection that was refused.
    if (context === undefined || context.connection !== ctx) return;
    this.#context = undefined;
    return this.#handlers.onClose?.(reason, context);
  }

  // A missing handler has a meaning, so a reactor has only those that were given.

  get onCommand(): Reactor<UserCommand, Value>["onCommand"] {
    return this.#handlers.onCommand && this.#command;
  }

  get onPeerEnd(): Reactor<UserCommand, Value>["onPeerEnd"] {
    return this.#handlers.onPeerEnd && this.#peerEnd;
  }

  get onDrain(): Reactor<UserCommand, Value>["onDrain"] {
    return this.#handlers.onDrain && this.#drain;
  }

  get onIdle(): Reactor<UserCommand>["onIdle"] {
    return this.#handlers.onIdle && this.#idle;
  }

  #command(cmd: UserCommand): Value | Promise<Value> {
    const handlers = this.#handlers;
    const { onCommand } = handlers;
    return onCommand?.call(handlers, cmd, this.#open) as Value;
  }

  #peerEnd(ctx: DispatchContext<UserCommand>): void {
    const { reader } = ctx as ReactorReadableContext<UserCommand>;
    const { bytesBuffered } = reader;
    if (bytesBuffered > 0) {
      return ctx.close(truncatedMessage(ctx.socket, bytesBuffered));
    }
    return this.#handlers.onPeerEnd?.(this.#open);
  }

  #drain(): void {
    return this.#handlers.onDrain?.(this.#open);
  }

  #idle(kind: "read" | "write"): void {
    return this.#handlers.onIdle?.(kind, this.#open);
  }

  get #open(): FramedContext<Sent, UserCommand> {
    return this.#context as FramedContext<Sent, UserCommand>;
  }

  /** The frame is incomplete; `size` is its size, or 0 if that is unknown. Throws if the codec contradicts itself. */
  #expect(size: number, available: number): MessageResult {
    const max = this.#maxFrameSize;
    if (!Number.isInteger(size) || size < 0) {
      throw new InvalidMessageResultError(
        `Cannot use ${
          literalOf(size)
        } as the size of a frame: frameSize of the codec must return an integer from 0 to its maxFrameSize, ${max}`,
      );
    }
    checkFrameSize(size, available, max);
    return MessageResult.expectMsgSize(size);
  }
}
