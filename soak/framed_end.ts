import {
  CloseTimeoutError,
  ConnectionResetError,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactorID,
  type ReactorReadableContext,
  SendQueueFullError,
  TruncatedMessageError,
} from "../mod.ts";
import {
  type FrameChecker,
  HEADER_SIZE,
  LARGEST_FRAME,
  readSize,
  show,
  type Side,
  WrongBytesError,
} from "./frames.ts";
import type { UserCommand } from "./commands.ts";
import type { EndReport } from "./connection_ledger.ts";
import type { EndFault } from "./end_plan.ts";
import type { FrameSender } from "./frame_sender.ts";
import { faultOf, GarbageError, InjectedError, isExpected } from "./reasons.ts";
import type { SoakNode } from "./soak_node.ts";
import type { EndOptions } from "./end_options.ts";
import type { SoakHarness } from "./harness.ts";

/**
 * A stop waits for a peer that does not answer FIN at least this long, and not
 * much longer.
 */
const SILENCE_MS = 300;

/**
 * An end of the library: receives and checks frames, and checks that its
 * handlers are called as documented.
 */
export abstract class FramedEnd implements Reactor<UserCommand> {
  /** Time of the last event. */
  lastProgress: number = performance.now();
  /** Resolves when the connection has closed. */
  readonly closed: Promise<void>;
  onPeerEnd?: (ctx: DispatchContext<UserCommand>) => void;
  onReadable?: (ctx: ReactorReadableContext<UserCommand>) => void;

  protected checker: FrameChecker | undefined;
  protected sender: FrameSender | undefined;
  protected heardPeerEnd = false;
  /**
   * True if it closed because the other end is done and everything was sent.
   */
  protected isFinished = false;
  readonly #side: Side;
  readonly #knowsSizes: boolean;
  #ctx: DispatchContext<UserCommand> | undefined;
  #onClosed!: () => void;
  #state: "new" | "open" | "closing" | "closed" = "new";
  #isCloseRequested = false;
  #isAborted = false;
  #heardGarbage = false;
  /**
   * How many bytes of the current message the handler has seen, and how many it
   * expects.
   */
  #seen = 0;
  #expected = 0;

  readonly harness: SoakHarness;
  readonly node: SoakNode;
  readonly options: EndOptions;

  /**
   * `knowsSizes`: true if it announces the size of a message as soon as it
   * knows it.
   */
  constructor(
    harness: SoakHarness,
    node: SoakNode,
    options: EndOptions,
    side: Side,
    knowsSizes: boolean,
  ) {
    this.harness = harness;
    this.node = node;
    this.options = options;
    this.#side = side;
    this.#knowsSizes = knowsSizes;
    this.closed = new Promise((resolve) => this.#onClosed = resolve);
  }

  /** The tag of its connection, once it is known. */
  abstract get tag(): number | undefined;

  /** Called when the connection is open. Throwing refuses it. */
  protected abstract connected(ctx: DispatchContext<UserCommand>): void;

  /** Called for the first frame, whose header contains the tag. */
  protected abstract begin(tag: Uint8Array): FrameChecker;

  /** Called for each frame: the first `size` bytes of `buf`. */
  protected abstract onFrame(buf: Uint8Array, size: number): void;

  /** Called when more may be sent. */
  protected abstract onMore(): void;

  get id(): ReactorID | undefined {
    return this.#ctx?.id;
  }

  /** True if `onConnected` was called. */
  get wasConnected(): boolean {
    return this.#state !== "new";
  }

  protected get ctx(): DispatchContext<UserCommand> {
    return this.#ctx!;
  }

  /** Closes gracefully. No handler is called afterwards. */
  close(reason?: Error): void {
    this.closeRequested();
    if (this.#state === "open") {
      this.#state = "closing";
      this.lastProgress = performance.now();
    }
    this.#ctx?.close(reason);
  }

  /** Aborts. No handler is called afterwards. */
  abort(): void {
    this.closeRequested();
    this.#isAborted = true;
    if (this.#state === "open") this.#state = "closing";
    this.#ctx?.abort(new InjectedError("aborted"));
  }

  /** Closes the connection by throwing. */
  protected throw(): never {
    this.closeRequested();
    this.#state = "closing";
    throw new InjectedError("thrown");
  }

  /** Injects a fault: ends its own connection. */
  protected misbehave(kind: EndFault): void {
    this.harness.tally.fault(kind);
    if (kind === "close") this.close();
    else if (kind === "close for a reason") this.close(new InjectedError(kind));
    else if (kind === "abort") this.abort();
    else this.throw();
  }

  closeRequested(isAbort = false): void {
    this.#isCloseRequested = true;
    if (isAbort) this.#isAborted = true;
  }

  /** Stops reading for a while. */
  protected pauseFor(ms: number): void {
    const { ctx } = this;
    this.harness.tally.fault("reading paused");
    ctx.pauseReading();
    setTimeout(() => ctx.resumeReading(), ms);
  }

  onConnected(ctx: DispatchContext<UserCommand>): void {
    if (this.#state !== "new") this.#breaks("onConnected was not the first");
    this.#state = "open";
    this.#ctx = ctx;
    this.harness.open.add(this);
    this.harness.tally.connections++;
    this.lastProgress = performance.now();
    this.connected(ctx);
  }

  onInboundMessage(
    buf: Uint8Array,
    _ctx: unknown,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    this.heard("onInboundMessage");
    if (buf.length - newBytes !== this.#seen) this.#breaks("newBytes is wrong");
    if (decodedMsgSize !== this.#expected) {
      this.#breaks("decodedMsgSize is wrong");
    }
    if (buf.length < HEADER_SIZE) return this.#wait(buf, 0);
    const size = readSize(buf);
    if (size < HEADER_SIZE || size > LARGEST_FRAME) {
      this.#heardGarbage = true;
      this.#state = "closing";
      if (size < HEADER_SIZE) {
        throw new GarbageError(`a frame of ${size} bytes`);
      }
      return MessageResult.expectMsgSize(size);
    }
    this.#check(buf, Math.min(size, buf.length));
    if (buf.length < size) return this.#wait(buf, this.#knowsSizes ? size : 0);
    this.harness.tally.messages++;
    this.#seen = this.#expected = 0;
    this.onFrame(buf, size);
    return MessageResult.dropMsgSize(size);
  }

  onCommand(command: UserCommand): void {
    this.heard("onCommand");
    command.executedCount++;
    if (command.kind === "pause") this.pauseFor(command.ms);
    if (command.kind === "more") this.onMore();
  }

  onClose(
    reason: Error | undefined,
    ctx: DispatchContext<UserCommand>,
  ): void {
    const { harness } = this;
    if (this.#state === "new") this.#breaks("onClose without onConnected");
    if (this.#state === "closed") this.#breaks("onClose was called twice");
    this.#state = "closed";
    harness.open.delete(this);
    this.node.gone(ctx.id);
    this.#judge(reason);
    const end = this.#report(reason);
    if (end !== undefined) harness.ledger.add(end);
    this.#onClosed();
  }

  /** A description for messages. */
  describe(): string {
    const { tag, sender, checker } = this;
    return `library ${this.#side} ${tag === undefined ? "" : show(tag)} ` +
      `${this.#state}, ${sender?.frames} frames sent, ${checker?.frames} received, ` +
      `${this.#ctx?.sender.bytesQueued} bytes queued, ` +
      JSON.stringify(this.options);
  }

  /** Records that a handler was called. */
  protected heard(handler: string): void {
    this.lastProgress = performance.now();
    if (this.#state === "open") return;
    this.#breaks(`${handler} was called while it is ${this.#state}`);
  }

  #wait(buf: Uint8Array, size: number): MessageResult {
    this.#seen = buf.length;
    this.#expected = size;
    return MessageResult.expectMsgSize(size);
  }

  #check(buf: Uint8Array, end: number): void {
    const checker = this.checker ??= this.begin(buf);
    const before = checker.bytes;
    try {
      checker.check(buf, checker.offset, end);
    } catch (error) {
      if (error instanceof WrongBytesError) this.#breaks(error.message);
      this.abort();
      throw error;
    }
    this.harness.tally.bytes += checker.bytes - before;
  }

  #judge(reason: Error | undefined): void {
    const { ledger } = this.sender ?? {};
    ledger?.onClose(reason);
    const lostCount = ledger?.lostCount ?? 0;
    if (reason === undefined && lostCount > 0) {
      this.#breaks("it closed without a reason, and sends were lost");
    }
    const isAllowed = isExpected(
      reason,
      this.options,
      this.#heardGarbage,
      this.#isAborted,
      this.node.isStopping,
    );
    if (!isAllowed) this.#breaks(`it was closed with ${reason}`);
    const fault = faultOf(reason);
    if (fault !== undefined) this.harness.tally.fault(fault);
  }

  #report(reason: Error | undefined): EndReport | undefined {
    const { tag, checker, sender } = this;
    if (tag === undefined) return undefined;
    const isLost = reason instanceof ConnectionResetError;
    const isTruncated = reason instanceof TruncatedMessageError;
    const wasEndedByPeer = (reason === undefined || isTruncated) &&
      !this.#isCloseRequested;
    return {
      tag,
      side: this.#side,
      story: `${reason ?? "cleanly"}, ${this.describe()}`,
      accepted: sender?.accepted ?? 0,
      received: checker?.bytes ?? 0,
      framesSent: sender?.frames ?? 0,
      framesReceived: checker?.frames ?? 0,
      heardFin: this.heardPeerEnd || wasEndedByPeer,
      cut: this.#mayBeCut(reason),
      lost: isLost && !this.#isAborted,
      heardGarbage: this.#heardGarbage,
      answeredAll: wasEndedByPeer || (this.isFinished && reason === undefined),
    };
  }

  /**
   * True if it may have been aborted: a close for one reason may end as an
   * abort for another.
   */
  #mayBeCut(reason: Error | undefined): boolean {
    // No handler is called while it closes, so it has been closing for at most
    // this long.
    const closingMs = performance.now() - this.lastProgress;
    if (this.#isAborted || closingMs >= this.node.graceMs) return true;
    if (reason === undefined || reason instanceof ConnectionResetError) {
      return false;
    }
    // A stop also lets go of what was closing before, for another reason.
    const mayBeLetGo = this.node.isStopping && closingMs >= SILENCE_MS;
    return mayBeLetGo || reason instanceof CloseTimeoutError ||
      reason instanceof SendQueueFullError ||
      closingMs >= this.options.closeTimeoutMs;
  }

  #breaks(what: string): void {
    this.harness.tally.breaks(`${what}: ${this.describe()}`);
  }
}
