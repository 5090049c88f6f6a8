import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type DispatchContext,
  MessageResult,
  ReactorGroup,
  ReactRuntime,
  SendQueueFullError,
  SimNetwork,
  SimRandom,
  SlowMemberError,
} from "../../mod.ts";

const RUNS = 60;
const MEMBERS = 4;
const STEPS = 60;

type Slow = "close" | "skip" | "wait";

/** The bytes a member must get: a subsequence of what was sent. */
class Expected {
  readonly parts: Uint8Array[] = [];

  get bytes(): Uint8Array {
    const total = this.parts.reduce((sum, { length }) => sum + length, 0);
    const all = new Uint8Array(total);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** A member, with both ends of its connection. */
class Member {
  readonly expected = new Expected();
  readonly received = new Expected();
  readonly ctx: DispatchContext;
  readonly peer: DispatchContext;
  reason: Error | undefined = undefined;
  /** Bytes in flight may be lost. */
  isAborted = false;
  isClosed = false;

  constructor(ctx: DispatchContext, peer: DispatchContext) {
    this.ctx = ctx;
    this.peer = peer;
  }
}

/** Runs a group on a simulated network against a model of it: a set of members, and what each was promised. */
class Play {
  readonly #random: SimRandom;
  readonly #slow: Slow;
  readonly #mark: number;
  readonly #members: Member[] = [];
  readonly #in = new Set<Member>();
  readonly #group: ReactorGroup;
  readonly #told = new Map<DispatchContext, number>();
  #skipped = 0;
  #closed = 0;
  #isSending = false;

  constructor(seed: number) {
    this.#random = new SimRandom(seed);
    this.#slow = this.#random.pick(["close", "skip", "wait"]);
    this.#mark = this.#random.pick([0, 1000, 50_000, 2 ** 20]);
    this.#group = new ReactorGroup({
      slow: this.#slow,
      highWaterMark: this.#mark,
      onSkip: (ctx, count) => {
        assert.equal(this.#isSending, false);
        this.#told.set(ctx, (this.#told.get(ctx) ?? 0) + count);
      },
    });
  }

  async run(network: SimNetwork): Promise<void> {
    const server = new ReactRuntime({ adapter: network.host("a").adapter });
    const client = new ReactRuntime({ adapter: network.host("b").adapter });
    const accepted: DispatchContext[] = [];
    const find = (ctx: DispatchContext, end: "ctx" | "peer") =>
      this.#members.find((one) => one[end] === ctx) as Member;
    await server.listen("a:80", {
      onNewConnection: () => ({
        reactor: {
          onConnected: (ctx) => void accepted.push(ctx),
          onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
          onClose: (reason, ctx) => {
            assert.equal(this.#isSending, false);
            const member = find(ctx, "ctx");
            member.reason = reason;
            // It may have been added again in the turn in which it was too slow.
            if (reason instanceof SlowMemberError) this.#in.delete(member);
            member.isClosed = true;
          },
        },
      }),
    });
    for (let i = 0; i < MEMBERS; i++) {
      const peers: DispatchContext[] = [];
      await client.connect("a:80", {
        onConnected: (ctx) => void peers.push(ctx),
        onInboundMessage: (buf, ctx) => {
          find(ctx, "peer").received.parts.push(buf.slice());
          return MessageResult.dropMsgSize(buf.length);
        },
      });
      await network.until(() => accepted.length > i);
      this.#members.push(new Member(accepted[i], peers[0]));
    }
    for (let i = 0; i < STEPS; i++) await this.#step(network);
    for (const member of this.#members) {
      member.peer.resumeReading();
      if (!member.isClosed) member.ctx.close();
    }
    await network.until(() => this.#members.every((one) => one.isClosed));
    await network.sleep(100);
    this.#check();
    await Promise.all([server.stop(), client.stop()]);
    assert.deepEqual(network.violations, []);
    assert.equal(server.bufferedBytes, 0);
  }

  async #step(network: SimNetwork): Promise<void> {
    const random = this.#random;
    const member = random.pick(this.#members);
    const choice = random.integer(0, 99);
    if (choice < 55) this.#send();
    else if (choice < 63) this.#sendOwn(member);
    else if (choice < 70) this.#add(member);
    else if (choice < 74) this.#remove(member);
    else if (choice < 79) member.peer.pauseReading();
    else if (choice < 85) member.peer.resumeReading();
    else if (choice < 86) this.#close(member);
    else if (choice < 87) this.#abort(member);
    else await network.sleep(random.pick([0.01, 0.5, 5]));
    assert.equal(this.#group.size, this.#in.size);
  }

  #bytes(): Uint8Array {
    const random = this.#random;
    const size = 1 +
      random.integer(0, random.pick([10, 1000, 5000, 40_000, 200_000]));
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i += 7) bytes[i] = random.integer(0, 255);
    return bytes;
  }

  #send(): void {
    const bytes = this.#bytes();
    const promised = bytes.slice();
    const slow = [...this.#in].filter(({ ctx }) =>
      ctx.sender.bytesQueued > this.#mark
    );
    this.#isSending = true;
    if (this.#slow === "wait" && slow.length > 0) {
      assert.throws(() => this.#group.send(bytes), SendQueueFullError);
      this.#isSending = false;
      return;
    }
    const fast = [...this.#in].filter((one) => !slow.includes(one));
    assert.equal(this.#group.send(bytes), fast.length);
    this.#isSending = false;
    bytes.fill(0xee);
    for (const { expected } of fast) expected.parts.push(promised);
    if (this.#slow === "skip") this.#skipped += slow.length;
    if (this.#slow !== "close") return;
    this.#closed += slow.length;
    for (const one of slow) {
      this.#in.delete(one);
      assert.ok(isOpen(one.ctx), "it is closed in the next turn");
    }
  }

  #sendOwn({ ctx, expected }: Member): void {
    const bytes = this.#bytes();
    if (ctx.sendOrQueue(bytes) !== "closed") expected.parts.push(bytes);
  }

  #close(member: Member): void {
    member.ctx.close();
    this.#in.delete(member);
  }

  #abort(member: Member): void {
    member.isAborted = true;
    this.#in.delete(member);
    member.ctx.abort();
  }

  #add(member: Member): void {
    const isNew = isOpen(member.ctx) && !this.#in.has(member);
    assert.equal(this.#group.add(member.ctx), isNew);
    if (isNew) this.#in.add(member);
  }

  #remove(member: Member): void {
    assert.equal(this.#group.remove(member.ctx), this.#in.delete(member));
  }

  #check(): void {
    assert.equal(this.#group.skippedCount, this.#skipped);
    assert.equal(this.#group.closedCount, this.#closed);
    const told = [...this.#told.values()].reduce((sum, n) => sum + n, 0);
    assert.equal(told, this.#skipped, "all that was skipped is told");
    let countClosed = 0;
    for (
      const { expected, received, reason, isAborted } of this.#members
    ) {
      const promised = expected.bytes;
      const got = received.bytes;
      if (reason instanceof SlowMemberError) countClosed++;
      const isWhole = reason === undefined && !isAborted;
      if (isWhole) assert.equal(got.length, promised.length, "all of it");
      assert.ok(got.length <= promised.length);
      assert.deepEqual(got, promised.subarray(0, got.length), "in order");
    }
    assert.ok(countClosed <= this.#closed);
  }
}

/** Whether a send of no bytes is accepted. */
function isOpen(ctx: DispatchContext): boolean {
  return ctx.sendOrQueue(new Uint8Array(0)) !== "closed";
}

describe("a group", () => {
  for (const writes of ["counts", "borrows", "mixed"] as const) {
    test(`sends each member exactly what the model says, whoever comes, goes, and stalls, where writes are ${writes}`, async () => {
      for (let seed = 1; seed <= RUNS; seed++) {
        const network = new SimNetwork({
          seed,
          writes,
          sendBufferBytes: 5000,
          receiveBufferBytes: 5000,
          faults: seed % 2 === 0 ? "gentle" : undefined,
        });
        try {
          await new Play(seed).run(network);
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });
  }
});
