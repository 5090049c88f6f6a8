/**
 * Two connections, each of which sends what the other one receives.
 *
 * @module
 */

import { checkFunction } from "../api/check_function.ts";
import { MessageResult } from "../api/message_result.ts";
import type { DispatchContext, Reactor } from "../api/reactor.ts";
import { onceOut, pacedSender } from "./pacing.ts";

/**
 * One end of a {@linkcode pipe}: the reactor of one of its two connections. It has
 * all of these handlers, so that another reactor can call them when it hands its
 * connection over.
 *
 * @category Reactors
 */
export interface PipeEnd extends Reactor {
  /**
   * The connection is this end's from now on, whether it was just opened or is
   * handed over. Until the other end has one, too, it is not read from.
   *
   * @param ctx The connection.
   */
  onConnected(ctx: DispatchContext<never>): void;
  /**
   * Passes on what came in.
   *
   * @param bytes All that came in.
   * @param ctx The connection.
   * @returns That all of it has been used.
   */
  onInboundMessage(
    bytes: Uint8Array,
    ctx: DispatchContext<never>,
  ): MessageResult;
  /** The peer has sent FIN; the other end sends one as soon as everything before it is out. */
  onPeerEnd(): void;
  /** Does nothing: what is under way goes on until both peers have ended. */
  onDrain(): void;
  /**
   * Closes the other end: with the same reason, if there is one, by an abort.
   *
   * @param reason What ended the connection.
   */
  onClose(reason: Error | undefined): void;
  /**
   * Gives up both connections, including one that is yet to come.
   *
   * @param reason What their `onClose` is given.
   */
  abort(reason?: Error): void;
}

/**
 * Makes the reactors of two connections, each of which sends what the other one
 * receives: a proxy, or the rest of a protocol that begins with a handshake, such
 * as SOCKS or the `CONNECT` of HTTP.
 *
 * - Whoever sends faster than the other peer reads has to wait: at most
 *   `sendHighWaterMark` of the connection that is sent on, and one read, are kept.
 * - Each direction goes at its own pace and ends by itself. A FIN is passed on when
 *   everything before it is out.
 * - If one connection is lost or closed with a reason, the other one is aborted
 *   with it, so that nobody takes a part for the whole.
 * - When the runtime is stopped, both go on until their peers have ended, for
 *   `drainMs` at most.
 *
 * One connection may be open long before the other one. It is not read from
 * meanwhile. If the other one cannot be opened, call `abort` of either end.
 *
 * @param onOpen Called when both connections are open, before anything is passed
 * on. If it throws, both are closed.
 * @returns The two ends, which are alike.
 * @throws {InvalidCallbackError} If `onOpen` is not a function.
 *
 * @example A proxy
 * ```ts
 * import { pipe, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * await runtime.listen("127.0.0.1:0", {
 *   onNewConnection() {
 *     const [client, server] = pipe();
 *     runtime.connect("db.example:5432", server)
 *       .catch((error) => client.abort(error));
 *     return { reactor: client };
 *   },
 * });
 * ```
 *
 * @category Reactors
 */
export function pipe(onOpen?: () => void): [PipeEnd, PipeEnd] {
  if (onOpen !== undefined) checkFunction(onOpen, "open a pipe by");
  const end = new HalfPipe(onOpen);
  return [end, end.other];
}

class HalfPipe implements PipeEnd {
  readonly other: HalfPipe;
  readonly #onOpen: (() => void) | undefined;
  #ctx: DispatchContext<never> | undefined = undefined;
  #hasPeerEnded = false;
  #isOver = false;
  /** Why it is over. */
  #reason: Error | undefined = undefined;

  constructor(onOpen: (() => void) | undefined, other?: HalfPipe) {
    this.#onOpen = onOpen;
    this.other = other ?? new HalfPipe(onOpen, this);
  }

  onConnected(ctx: DispatchContext<never>): void {
    if (this.#isOver) return ctx.abort(this.#reason);
    this.#ctx = ctx;
    const first = this.other.#ctx;
    if (first === undefined) return ctx.pauseReading();
    this.#onOpen?.();
    first.resumeReading();
  }

  onInboundMessage(
    bytes: Uint8Array,
    ctx: DispatchContext<never>,
  ): MessageResult {
    const to = this.other.#ctx;
    if (to !== undefined) {
      to.sendSlice(bytes, 0, bytes.length);
      const sender = pacedSender(to);
      if (sender.isLong) {
        ctx.pauseReading();
        onceOut(sender, () => ctx.resumeReading());
      }
    }
    return MessageResult.dropMsgSize(bytes.length);
  }

  /** A connection that is closing has less time when the runtime is stopped, so everything must be out first. */
  onPeerEnd(): void {
    this.#hasPeerEnded = true;
    const to = this.other.#ctx;
    if (to !== undefined) onceOut(pacedSender(to), () => to.end());
  }

  onDrain(): void {}

  onClose(reason: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (reason !== undefined) return this.other.abort(reason);
    const closesByItself = this.#hasPeerEnded && this.other.#hasPeerEnded;
    if (!closesByItself) this.other.#close();
  }

  abort(reason?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#ctx?.abort(reason);
    this.other.abort(reason);
  }

  /** Ends cleanly, or as soon as it is connected. */
  #close(): void {
    if (this.#ctx === undefined) this.abort();
    else this.#ctx.close();
  }
}
