import assert from "node:assert/strict";
import {
  ConnectionClosedError,
  SendQueueFullError,
} from "../../src/api/errors.ts";
import {
  OutboundBuffer,
  type OutboundHost,
  type OutboundSettings,
} from "../../src/io/outbound_buffer.ts";
import type {
  SendCompletion,
  SendOrQueueResult,
} from "../../src/api/send_result.ts";
import { freshBytes } from "./noise.ts";
import type { WatchedPool } from "./watched_pool.ts";
import {
  BORROWS_ALL,
  type Room,
  TAKES_ALL,
  WatchedSocket,
} from "./watched_socket.ts";

/** What a completion does when it is called. */
export type Then = "nothing" | "send" | "throw" | "close";

/** A queue of this size is flushed before the end of the turn. */
const FLUSH_SIZE = 64 * 1024;

const LOST = new Error("the connection is lost");
const THROWN = new Error("from a completion");

/** The expected result of a send; `rejected`: it throws, `too much`: it ends the connection. */
type Fate = "accepted" | "refused" | "rejected" | "too much";

/** A completion not called yet, and the position from which it may be. */
interface Awaited {
  readonly end: number;
}

/**
 * A sender between a simulated socket and connection. Knows which bytes were
 * accepted, and compares them with everything that the socket gets and that the
 * connection and the completions are told.
 */
export class WatchedSender implements OutboundHost {
  readonly sender: OutboundBuffer;
  readonly socket: WatchedSocket;
  readonly #settings: OutboundSettings;
  readonly #borrowsWrites: boolean;

  readonly #awaited: Awaited[] = [];
  #countRefused = 0;
  #countThrown = 0;
  #countHigh = 0;
  #isSending = false;
  #isSettling = false;
  #isFlushPending = false;
  #deferred: (() => void)[] = [];
  #isClosed = false;
  #isLost = false;
  #overflow: Error | undefined = undefined;

  constructor(
    pool: WatchedPool,
    settings: OutboundSettings,
    borrowsWrites: boolean,
    room: Room,
  ) {
    this.#settings = settings;
    this.#borrowsWrites = borrowsWrites;
    this.socket = new WatchedSocket(pool, borrowsWrites, room);
    this.sender = new OutboundBuffer(
      this.socket.socket,
      pool,
      settings,
      this,
    );
  }

  // What a user does.

  /** Calls `send`, which sends `bytes`, and checks the result; false if it is rejected. */
  offer(
    bytes: Uint8Array,
    then: Then | undefined,
    send: (completion?: SendCompletion) => SendOrQueueResult | void,
  ): boolean {
    const fate = this.#fateOf(bytes.length);
    if (fate === "accepted") this.socket.expect(bytes);
    const completion = then && this.#completion(fate, then);
    const countHigh = this.#countHigh;
    const result = this.#call(() => send(completion), fate === "rejected");
    if (fate === "accepted") this.#checkAccepted(result, countHigh);
    else if (fate !== "rejected") assert.equal(result ?? "closed", "closed");
    if (fate === "too much") {
      assert.ok(this.#overflow, "the connection is told");
      this.#isClosed = true;
    }
    this.#check();
    return fate !== "rejected";
  }

  /** Sends as much of `bytes` as the socket takes; one that borrows takes all or nothing. */
  sendNoQueue(bytes: Uint8Array): void {
    const { length } = bytes;
    const wasFree = this.sender.bytesQueued === 0 && this.socket.isOpen;
    const room = this.#borrowsWrites
      ? this.#settings.maxSendQueue
      : this.socket.left;
    const most = this.#isClosed ? 0 : Math.min(length, room);
    this.socket.expect(bytes);
    const taken = this.sender.sendNoQueue(bytes);
    this.socket.unexpect(length - taken);
    if (wasFree || this.#isClosed) assert.equal(taken, most);
    if (this.#borrowsWrites) assert.ok(taken === 0 || taken === most);
    const waiting = this.#borrowsWrites ? taken : 0;
    const { bytesQueued } = this.sender;
    assert.ok(taken === 0 || bytesQueued <= waiting, "not behind others");
    this.#check();
  }

  /** Flushes before the end of the turn. */
  flushEarly(): void {
    if (!this.#isLost) this.sender.flush();
    this.#check();
  }

  close(): void {
    this.#isClosed = true;
    this.sender.close();
  }

  // What the connection does.

  /** Ends the turn, which does nothing unless that was requested. */
  endTurn(): void {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const callback of deferred) callback();
    if (this.#isFlushPending) this.#flush();
  }

  /** The socket takes more, and its borrowed bytes are out. */
  becomeWritable(room: Room): void {
    this.socket.becomeWritable(room);
    if (this.#isLost) return;
    this.sender.onWritable();
    this.#flush();
  }

  /** The socket is lost. */
  lose(): void {
    this.#isClosed = this.#isLost = true;
    this.socket.lose();
    this.sender.fail(this.#loss);
    this.#check();
  }

  /** Lets everything go out or get lost, and checks that nothing is left. */
  finish(): void {
    for (let countTurns = 0; this.#hasMore(); countTurns++) {
      assert.ok(countTurns < 10_000, "it comes to an end");
    }
    if (!this.#isLost) {
      assert.equal(this.socket.out, this.socket.accepted, "all is out");
    }
    assert.equal(this.sender.bytesQueued, 0);
    assert.equal(this.sender.pendingCount, 0);
    assert.deepEqual(this.#awaited, [], "every completion was told");
    assert.equal(this.#countRefused, 0, "every refused one, too");
    assert.equal(this.#countThrown, 0, "and what they threw");
    this.socket.checkBorrowed();
  }

  /** Runs another turn if there is something to do, going only by what was requested. */
  #hasMore(): boolean {
    if (this.#overflow !== undefined && !this.#isLost) {
      this.lose();
    } else if (
      this.#deferred.length > 0 || (this.#isFlushPending && !this.#isLost)
    ) {
      this.endTurn();
    } else if (!this.socket.isOpen && !this.#isLost) {
      this.becomeWritable(this.#borrowsWrites ? BORROWS_ALL : TAKES_ALL);
    } else {
      return false;
    }
    return true;
  }

  #flush(): void {
    this.#isFlushPending = false;
    if (this.#isLost) return;
    this.sender.flush();
    this.#isSettling = true;
    this.sender.pending?.settle();
    this.#isSettling = false;
    const [first] = this.#awaited;
    assert.ok(
      first === undefined || first.end > this.socket.out,
      "told at once",
    );
    this.#check();
  }

  get #loss(): Error {
    return this.#overflow ?? LOST;
  }

  #check(): void {
    const { bytesSent, bytesQueued, pendingCount } = this.sender;
    assert.equal(pendingCount, this.#awaited.length, "countPending");
    if (this.#isLost) return assert.equal(bytesQueued, 0);
    assert.equal(bytesSent, this.socket.out, "bytesSent");
    assert.equal(bytesSent + bytesQueued, this.socket.accepted, "bytesQueued");
    const [first] = this.#awaited;
    const isTurnNeeded = (bytesQueued > 0 && this.socket.isOpen) ||
      (first !== undefined && first.end <= this.socket.out &&
        !this.#isSettling);
    assert.ok(this.#isFlushPending || !isTurnNeeded, "asks for the turn's end");
  }

  /** The expected result of a send of `size` bytes. */
  #fateOf(size: number): Fate {
    if (this.#isClosed) return "refused";
    const { maxSendQueue, sendQueueOverflow } = this.#settings;
    if (this.sender.bytesQueued + size <= maxSendQueue) return "accepted";
    return sendQueueOverflow === "reject" ? "rejected" : "too much";
  }

  #call(
    send: () => SendOrQueueResult | void,
    isRejected: boolean,
  ): SendOrQueueResult | void {
    this.#isSending = true;
    try {
      if (!isRejected) return send();
      assert.throws(send, SendQueueFullError);
    } finally {
      this.#isSending = false;
    }
  }

  #checkAccepted(result: SendOrQueueResult | void, countHigh: number): void {
    const { bytesQueued } = this.sender;
    const isHigh = bytesQueued > this.#settings.sendHighWaterMark;
    assert.equal(this.#countHigh, countHigh + (isHigh ? 1 : 0), "high water");
    assert.ok(
      bytesQueued < FLUSH_SIZE || !this.socket.isOpen,
      "much is not kept",
    );
    const expected = this.socket.isOpen ? "complete" : "in-queue";
    assert.equal(result ?? expected, expected);
  }

  #completion(fate: Fate, then: Then): SendCompletion {
    if (fate === "rejected") {
      return () => assert.fail("told of what was thrown");
    }
    if (fate === "refused") return this.#completionOfRefused();
    const end = fate === "accepted" ? this.socket.accepted : Infinity;
    const awaited: Awaited = { end };
    this.#awaited.push(awaited);
    return (result) => {
      assert.equal(this.#isSending, false, "not from inside the call");
      assert.equal(this.#awaited.shift(), awaited, "once and in order");
      if (result.ok) assert.ok(end <= this.socket.out, "its bytes are out");
      else assert.ok(this.#isLost && result.error === this.#loss);
      this.#do(then);
    };
  }

  #completionOfRefused(): SendCompletion {
    this.#countRefused++;
    return (result) => {
      assert.equal(this.#isSending, false, "not from inside the call");
      assert.ok(!result.ok && result.error instanceof ConnectionClosedError);
      this.#countRefused--;
    };
  }

  #do(then: Then): void {
    if (then === "close") this.close();
    if (then === "send") {
      const bytes = freshBytes(10);
      this.offer(
        bytes,
        "nothing",
        (completion) => this.sender.sendOrQueue(bytes, completion),
      );
    }
    if (then === "throw") {
      this.#countThrown++;
      throw THROWN;
    }
  }

  // What the sender asks of the connection.

  onSendPending(): void {
    this.#isFlushPending = true;
  }

  onHighWaterMark(): void {
    this.#countHigh++;
  }

  onSendFailed(error: Error): void {
    assert.ok(error instanceof SendQueueFullError);
    assert.equal(this.#overflow, undefined, "told once");
    this.#overflow = error;
  }

  onCompletionThrew(thrown: unknown): void {
    if (thrown !== THROWN) throw thrown;
    this.#countThrown--;
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }
}
