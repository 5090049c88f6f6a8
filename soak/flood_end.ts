import type { DispatchContext, SimRandom } from "../mod.ts";
import type { UserCommand } from "./commands.ts";
import { type EndOptions, endOptions } from "./end_options.ts";
import { FrameSender } from "./frame_sender.ts";
import { FramedEnd } from "./framed_end.ts";
import { FrameChecker, FrameSeries, type Side, sizeClassOf } from "./frames.ts";
import type { SoakHarness } from "./harness.ts";
import type { SoakNode } from "./soak_node.ts";

/** How many frames an end asks for at once, at most. */
const BURSTS = { small: 5000, mixed: 500, large: 40 };

/** The longest wait of an end, and its longest pause of reading. */
const LONGEST_MS = 10;

const MOST_PAUSES = 100;

/** What an end does once the frames asked for so far are accepted. */
const WAYS_ON = ["now", "microtask", "immediate", "timer", "sent"] as const;

/**
 * An end that sends its frames without waiting for the other, and then ends its
 * sending. It receives until the other has ended.
 */
export class FloodEnd extends FramedEnd {
  readonly tag: number;
  protected override readonly checker: FrameChecker;
  readonly #side: Side;
  readonly #random: SimRandom;
  readonly #total: number;
  readonly #burst: number;
  readonly #pauses: number;
  #pausesLeft = MOST_PAUSES;
  #asked = 0;
  #isWaiting = false;

  /** `total`: how many frames each end sends. */
  constructor(
    harness: SoakHarness,
    node: SoakNode,
    random: SimRandom,
    side: Side,
    tag: number,
    total: number,
  ) {
    super(harness, node, floodOptions(random, side), side, random.chance(0.5));
    this.tag = tag;
    this.checker = new FrameChecker(
      new FrameSeries(tag, side === "client" ? "server" : "client"),
    );
    this.#side = side;
    this.#random = random;
    this.#total = total;
    this.#burst = random.integer(1, BURSTS[sizeClassOf(tag)]);
    this.#pauses = random.pick([0, 0.01, 0.1]);
    this.onPeerEnd = () => {
      this.heard("onPeerEnd");
      this.heardPeerEnd = true;
    };
  }

  protected connected(ctx: DispatchContext<UserCommand>): void {
    const { maxSendQueue, sendQueueOverflow } = this.options;
    this.sender = new FrameSender(
      ctx,
      new FrameSeries(this.tag, this.#side),
      this.#random,
      this.harness.tally,
      {
        largestSend: maxSendQueue,
        mayBeRejected: sendQueueOverflow === "reject",
        onSent: () => this.#goOn(),
      },
    );
    if (this.#random.chance(0.7)) this.onMore();
    else this.#later("timer");
  }

  protected begin(): FrameChecker {
    return this.checker;
  }

  protected onFrame(): void {
    if (this.#random.chance(0.01)) this.onMore();
    this.#mayPause();
  }

  /** Asks for the next frames. */
  protected onMore(): void {
    if (this.#asked === this.#total) return;
    const burst = this.#random.integer(1, this.#burst);
    this.#asked = Math.min(this.#asked + burst, this.#total);
    this.sender!.sendUpTo(this.#asked);
    if (this.#random.chance(0.3)) this.ctx.sender.flush();
  }

  #mayPause(): void {
    if (this.#pausesLeft === 0 || !this.#random.chance(this.#pauses)) return;
    this.#pausesLeft--;
    this.pauseFor(this.#random.integer(0, LONGEST_MS));
  }

  /** Called when everything so far is accepted, and for what is out then. */
  #goOn(): void {
    this.#mayPause();
    if (this.#asked === this.#total) this.ctx.end();
    else if (!this.#isWaiting) this.#later(this.#random.pick(WAYS_ON));
  }

  #later(way: typeof WAYS_ON[number]): void {
    this.#isWaiting = true;
    const goOn = () => {
      this.#isWaiting = false;
      this.onMore();
    };
    if (way === "now") goOn();
    else if (way === "microtask") queueMicrotask(goOn);
    else if (way === "immediate") setImmediate(goOn);
    else if (way === "sent") this.ctx.sendOrQueue(new Uint8Array(0), goOn);
    else setTimeout(goOn, this.#random.integer(0, LONGEST_MS));
  }
}

/**
 * If both ends stopped reading while they cannot send, they would deadlock, so
 * the client always reads. Nothing but the end of both floods closes an end.
 */
function floodOptions(random: SimRandom, side: Side): EndOptions {
  const options = endOptions(random);
  return {
    ...options,
    sendQueueOverflow: options.maxSendQueue === 2 ** 26 ? "close" : "reject",
    idleTimeoutMs: 0,
    ...(side === "client" &&
      { sendHighWaterMark: 2 ** 30, sendLowWaterMark: 0 }),
  };
}
