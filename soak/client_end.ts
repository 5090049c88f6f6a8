import type { DispatchContext, SimRandom } from "../mod.ts";
import type { UserCommand } from "./commands.ts";
import { FramedEnd } from "./framed_end.ts";
import { FrameChecker, FrameSeries, makeTag, sizeClassOf } from "./frames.ts";
import { type EndPlan, endPlan, LONGEST_PAUSE_MS } from "./end_plan.ts";
import { FrameSender } from "./frame_sender.ts";
import type { SoakNode } from "./soak_node.ts";
import { type EndOptions, endOptions } from "./end_options.ts";
import type { SoakHarness } from "./harness.ts";

/**
 * When a client closes: after the last answer, after the last send, or on its
 * idle timeout.
 */
const ENDINGS = ["answered", "sent", "idle"] as const;

/** How many frames may be in flight. */
const WINDOWS = { small: 64, mixed: 16, large: 2 };

/** This many large frames exceed the buffers of the system. */
const GREEDY_WINDOW = 80;

const IDLE_MS = 150;

/** Sends frames, and checks the answers. */
export class ClientEnd extends FramedEnd {
  readonly tag: number;
  protected override readonly checker: FrameChecker;
  readonly #random: SimRandom;
  readonly #plan: EndPlan;
  readonly #ending: typeof ENDINGS[number];
  readonly #refuses: boolean;
  readonly #thinks: number;
  readonly #window: number;
  #total: number;
  /** How many frames should be sent by now. */
  #asked = 0;

  /** `toLibrary`: true if the server is one of the library, too. */
  constructor(
    harness: SoakHarness,
    node: SoakNode,
    random: SimRandom,
    toLibrary: boolean,
  ) {
    const ending = random.chance(0.6) ? "answered" : random.pick(ENDINGS);
    super(
      harness,
      node,
      clientOptions(random, toLibrary, ending === "idle"),
      "client",
      random.chance(0.5),
    );
    this.tag = makeTag(harness.nextNumber(), {
      echo: random.chance(0.4),
      sizeClass: random.integer(0, 3),
      raw: false,
    });
    this.checker = new FrameChecker(new FrameSeries(this.tag, "server"));
    this.#random = random;
    this.#plan = endPlan(random);
    this.#ending = ending;
    this.#refuses = random.chance(0.01);
    this.#thinks = random.pick([0, 0.1, 0.5, 1]);
    this.#window = random.chance(0.03)
      ? GREEDY_WINDOW
      : random.integer(1, WINDOWS[sizeClassOf(this.tag)]);
    this.#total = random.chance(0.1)
      ? random.integer(200, 2000)
      : random.integer(1, 100);
    if (random.chance(0.5)) {
      this.onPeerEnd = () => {
        this.heard("onPeerEnd");
        this.heardPeerEnd = true;
        this.close();
      };
    }
  }

  protected connected(ctx: DispatchContext<UserCommand>): void {
    const { maxSendQueue, sendQueueOverflow } = this.options;
    this.sender = new FrameSender(
      ctx,
      new FrameSeries(this.tag, "client"),
      this.#random,
      this.harness.tally,
      {
        largestSend: maxSendQueue,
        mayBeRejected: sendQueueOverflow === "reject",
        onSent: () => this.#closeIfDone(),
      },
    );
    if (this.#refuses) {
      this.harness.tally.fault("onConnected refuses");
      this.throw();
    }
    this.onMore();
  }

  protected begin(): FrameChecker {
    return this.checker;
  }

  protected onFrame(): void {
    const { fault, afterFrames, pauses } = this.#plan;
    const { frames } = this.checker;
    if (this.#random.chance(this.#thinks)) {
      setTimeout(() => this.onMore(), this.#random.integer(1, 40));
    } else {
      this.onMore();
    }
    if (this.#random.chance(pauses)) {
      this.pauseFor(this.#random.integer(0, LONGEST_PAUSE_MS));
    }
    if (fault !== "none" && frames === afterFrames) this.misbehave(fault);
    else this.#closeIfDone();
  }

  protected onMore(): void {
    if (this.harness.isResting) this.#total = this.#asked;
    const limit = Math.min(this.#total, this.checker.frames + this.#window);
    this.#asked = Math.max(this.#asked, limit);
    this.sender!.sendUpTo(this.#asked);
  }

  #closeIfDone(): void {
    const { frames } = this.#ending === "sent" ? this.sender! : this.checker;
    if (this.#ending !== "idle" && frames >= this.#total) this.close();
  }
}

/**
 * If both ends stopped reading while they cannot send, they would deadlock, so
 * the client always reads.
 */
function clientOptions(
  random: SimRandom,
  toLibrary: boolean,
  isIdle: boolean,
): EndOptions {
  const options = endOptions(random);
  return {
    ...options,
    ...(toLibrary && { sendHighWaterMark: 2 ** 30, sendLowWaterMark: 0 }),
    ...(isIdle && { idleTimeoutMs: IDLE_MS }),
  };
}
