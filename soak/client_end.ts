import type { DispatchContext } from "../mod.ts";
import type { Random } from "../tests/support/random.ts";
import type { UserCommand } from "./commands.ts";
import { FramedEnd } from "./framed_end.ts";
import { FrameChecker, makeTag, profileOf, Series } from "./frames.ts";
import { LONGEST_PAUSE_MS, type Mischief, mischief } from "./end_plan.ts";
import { Outbox } from "./frame_sender.ts";
import type { Site } from "./soak_node.ts";
import { type EndOptions, endOptions, type World } from "./harness.ts";

/** When a client is done: with the last answer, with the last send, or when nothing happens any more. */
const ENDINGS = ["answered", "sent", "idle"] as const;

/** How many frames are under way at most. */
const WINDOWS = { small: 64, mixed: 16, large: 2 };

/** Large frames of this number are more than the system buffers. */
const GREEDY_WINDOW = 80;

const IDLE_MS = 150;

/** Sends frames, and knows what has to come back. */
export class ClientEnd extends FramedEnd {
  readonly tag: number;
  protected override readonly checker: FrameChecker;
  readonly #random: Random;
  readonly #mischief: Mischief;
  readonly #ending: typeof ENDINGS[number];
  readonly #refuses: boolean;
  readonly #thinks: number;
  readonly #window: number;
  #total: number;
  /** How many frames are to be sent so far. */
  #asked = 0;

  /** `toLibrary`: the server is the library's, too. */
  constructor(world: World, site: Site, random: Random, toLibrary: boolean) {
    const ending = random.chance(0.6) ? "answered" : random.pick(ENDINGS);
    super(
      world,
      site,
      clientOptions(random, toLibrary, ending === "idle"),
      "client",
      random.chance(0.5),
    );
    this.tag = makeTag(world.nextNumber(), {
      echo: random.chance(0.4),
      profile: random.integer(0, 3),
      raw: false,
    });
    this.checker = new FrameChecker(new Series(this.tag, "server"));
    this.#random = random;
    this.#mischief = mischief(random);
    this.#ending = ending;
    this.#refuses = random.chance(0.01);
    this.#thinks = random.pick([0, 0.1, 0.5, 1]);
    this.#window = random.chance(0.03)
      ? GREEDY_WINDOW
      : random.integer(1, WINDOWS[profileOf(this.tag)]);
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
    this.outbox = new Outbox(
      ctx,
      new Series(this.tag, "client"),
      this.#random,
      this.world.tally,
      {
        largestSend: maxSendQueue,
        mayBeRejected: sendQueueOverflow === "reject",
        onSent: () => this.#closeIfDone(),
      },
    );
    if (this.#refuses) {
      this.world.tally.fault("onConnected refuses");
      this.throw();
    }
    this.onMore();
  }

  protected begin(): FrameChecker {
    return this.checker;
  }

  protected onFrame(): void {
    const { kind, afterFrames, pauses } = this.#mischief;
    const { frames } = this.checker;
    if (this.#random.chance(this.#thinks)) {
      setTimeout(() => this.onMore(), this.#random.integer(1, 40));
    } else {
      this.onMore();
    }
    if (this.#random.chance(pauses)) {
      this.pauseFor(this.#random.integer(0, LONGEST_PAUSE_MS));
    }
    if (kind !== "none" && frames === afterFrames) this.misbehave(kind);
    else this.#closeIfDone();
  }

  protected onMore(): void {
    if (this.world.isResting) this.#total = this.#asked;
    const limit = Math.min(this.#total, this.checker.frames + this.#window);
    this.#asked = Math.max(this.#asked, limit);
    this.outbox!.sendUpTo(this.#asked);
  }

  #closeIfDone(): void {
    const { frames } = this.#ending === "sent" ? this.outbox! : this.checker;
    if (this.#ending !== "idle" && frames >= this.#total) this.close();
  }
}

/** Between two ends of the library both of which stop reading while they cannot send, nothing would move: the client goes on. */
function clientOptions(
  random: Random,
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
