import type { Random } from "../tests/support/random.ts";
import { FramedEnd } from "./framed_end.ts";
import { FrameChecker, isEcho, readTag, Series } from "./frames.ts";
import { LONGEST_PAUSE_MS, type Mischief, mischief } from "./end_plan.ts";
import { Outbox } from "./frame_sender.ts";
import type { Site } from "./soak_node.ts";
import { endOptions, type World } from "./harness.ts";

/** To look at a large frame byte by byte takes seconds. */
const SMALLEST_STEP = 100;

/** Serves a connection: answers every frame with one. */
export class ServerEnd extends FramedEnd {
  readonly #random: Random;
  readonly #mischief: Mischief;
  readonly #refuses: boolean;
  #tag: number | undefined;

  constructor(world: World, site: Site, random: Random) {
    const options = endOptions(random);
    super(world, site, options, "server", random.chance(0.5));
    this.#random = random;
    this.#mischief = mischief(random);
    this.#refuses = random.chance(0.01);
    if (options.recvBufferMinSize >= SMALLEST_STEP && random.chance(0.5)) {
      this.onReadable = (ctx) => ctx.reader.tryReadFastDispatch(ctx, this);
    }
    // What is not queued yet at FIN goes out only if the connection stays half open.
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
    this.world.tally.fault("onConnected refuses");
    this.throw();
  }

  protected begin(frame: Uint8Array): FrameChecker {
    this.#tag = readTag(frame);
    const { maxSendQueue, sendQueueOverflow } = this.options;
    this.outbox = new Outbox(
      this.ctx,
      new Series(this.#tag, "server"),
      this.#random,
      this.world.tally,
      {
        largestSend: maxSendQueue,
        mayBeRejected: sendQueueOverflow === "reject",
        onSent: () => this.#closeIfDone(),
      },
    );
    return new FrameChecker(new Series(this.#tag, "client"));
  }

  protected onFrame(buf: Uint8Array, size: number): void {
    const { frames } = this.checker!;
    const { kind, afterFrames, pauses } = this.#mischief;
    if (!isEcho(this.#tag!) || !this.outbox!.sendBack(buf, size)) {
      this.outbox!.sendUpTo(frames);
    }
    if (this.#random.chance(pauses)) {
      this.pauseFor(this.#random.integer(0, LONGEST_PAUSE_MS));
    }
    if (kind !== "none" && frames === afterFrames) this.misbehave(kind);
  }

  protected onMore(): void {}

  #closeIfDone(): void {
    if (!this.heardPeerEnd) return;
    if ((this.outbox?.frames ?? 0) < (this.checker?.frames ?? 0)) return;
    this.isFinished = true;
    this.close();
  }
}
