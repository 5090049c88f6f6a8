import type { SimRandom } from "../mod.ts";
import { FramedEnd } from "./framed_end.ts";
import { FrameChecker, FrameSeries, isEcho, readTag } from "./frames.ts";
import { type EndPlan, endPlan, LONGEST_PAUSE_MS } from "./end_plan.ts";
import { FrameSender } from "./frame_sender.ts";
import type { SoakNode } from "./soak_node.ts";
import { endOptions } from "./end_options.ts";
import type { SoakHarness } from "./harness.ts";

/** Examining a large frame byte by byte would take seconds. */
const SMALLEST_STEP = 100;

/** Serves a connection: answers every frame with a frame. */
export class ServerEnd extends FramedEnd {
  readonly #random: SimRandom;
  readonly #plan: EndPlan;
  readonly #refuses: boolean;
  #tag: number | undefined;

  constructor(harness: SoakHarness, node: SoakNode, random: SimRandom) {
    const options = endOptions(random);
    super(harness, node, options, "server", random.chance(0.5));
    this.#random = random;
    this.#plan = endPlan(random);
    this.#refuses = random.chance(0.01);
    if (options.recvBufferMinSize >= SMALLEST_STEP && random.chance(0.5)) {
      this.onReadable = (ctx) => ctx.reader.tryReadFastDispatch(ctx, this);
    }
    // Answers that are not queued when the FIN arrives are sent only if the
    // connection stays half-open.
    const owes = options.sendQueueOverflow === "reject";
    if (owes || random.chance(0.5)) {
      this.onPeerEnd = () => {
        this.heard("onPeerEnd");
        this.heardPeerEnd = true;
        this.#closeIfDone();
      };
    }
  }

  get tag(): number | undefined {
    return this.#tag;
  }

  protected connected(): void {
    if (!this.#refuses) return;
    this.harness.tally.fault("onConnected refuses");
    this.throw();
  }

  protected begin(frame: Uint8Array): FrameChecker {
    this.#tag = readTag(frame);
    const { maxSendQueue, sendQueueOverflow } = this.options;
    this.sender = new FrameSender(
      this.ctx,
      new FrameSeries(this.#tag, "server"),
      this.#random,
      this.harness.tally,
      {
        largestSend: maxSendQueue,
        mayBeRejected: sendQueueOverflow === "reject",
        onSent: () => this.#closeIfDone(),
      },
    );
    return new FrameChecker(new FrameSeries(this.#tag, "client"));
  }

  protected onFrame(buf: Uint8Array, size: number): void {
    const { frames } = this.checker!;
    const { fault, afterFrames, pauses } = this.#plan;
    if (!isEcho(this.#tag!) || !this.sender!.sendBack(buf, size)) {
      this.sender!.sendUpTo(frames);
    }
    if (this.#random.chance(pauses)) {
      this.pauseFor(this.#random.integer(0, LONGEST_PAUSE_MS));
    }
    if (fault !== "none" && frames === afterFrames) this.misbehave(fault);
  }

  protected onMore(): void {}

  #closeIfDone(): void {
    if (!this.heardPeerEnd) return;
    if ((this.sender?.frames ?? 0) < (this.checker?.frames ?? 0)) return;
    this.isFinished = true;
    this.close();
  }
}
