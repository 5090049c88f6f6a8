import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SendOrQueueResult } from "../../src/api/send_result.ts";
import { newCorrelators } from "../../src/toolkit/requests/client/correlators.ts";
import {
  RequestDispatcher,
  type RequestLink,
} from "../../src/toolkit/requests/client/request_dispatcher.ts";
import { RequestTally } from "../../src/stats/request_tally.ts";

/** A connection that is full, or is not, as the test says. */
class Link implements RequestLink<string> {
  readonly peer = "the peer";
  readonly sent: string[] = [];
  readonly waiting: (() => void)[] = [];
  isFull = true;

  onceOut(callback: () => void): void {
    this.waiting.push(callback);
  }

  send(message: string): SendOrQueueResult {
    this.sent.push(message);
    return SendOrQueueResult.InQueue;
  }

  abort(): void {
    assert.fail("there is no reason to");
  }
}

function dispatcherOf(maxQueue: number) {
  const dispatcher = new RequestDispatcher<string, string>({
    maxQueue,
    tally: new RequestTally({ now: () => 0 }),
    newCorrelator: newCorrelators<string, string>({}, 64),
    after: () => assert.fail("there are no time limits"),
    lateMs: () => assert.fail("there are no time limits"),
    onBusy() {},
    onIdle() {},
  });
  const failed: unknown[] = [];
  const ask = (message: string, isIdempotent = false) =>
    dispatcher.request(message, {
      timeoutMs: 0,
      signal: undefined,
      isIdempotent,
      isFirst: false,
    }, { resolve() {}, reject: (error) => failed.push(error) });
  return { dispatcher, failed, ask };
}

describe("requests on a connection whose queue is long", () => {
  it("wait until what is queued is out, then go out until it is long again", () => {
    const { dispatcher, failed, ask } = dispatcherOf(2);
    const link = new Link();
    dispatcher.attach(link);
    for (const message of ["a", "b", "c", "d"]) ask(message);
    assert.deepEqual(link.sent, ["a"]);
    assert.equal(failed.length, 1, "no more than maxQueue wait");
    dispatcher.receive("answer");
    assert.deepEqual(link.sent, ["a"], "an answer makes no room");
    assert.equal(link.waiting.length, 1);
    link.waiting.shift()?.();
    assert.deepEqual(link.sent, ["a", "b"]);
    link.isFull = false;
    link.waiting.shift()?.();
    ask("e");
    assert.deepEqual(link.sent, ["a", "b", "c", "e"]);
    assert.equal(link.waiting.length, 0);
  });

  it("go out on the next one, and what the last one says then is nothing to it", () => {
    const { dispatcher, ask } = dispatcherOf(10);
    const first = new Link();
    dispatcher.attach(first);
    for (const message of ["a", "b", "c"]) ask(message, true);
    dispatcher.detach(undefined);
    const second = new Link();
    dispatcher.attach(second);
    assert.deepEqual(second.sent, ["a"]);
    first.waiting.shift()?.();
    assert.deepEqual(first.sent, ["a"]);
    assert.deepEqual(second.sent, ["a"]);
    second.isFull = false;
    second.waiting.shift()?.();
    assert.deepEqual(second.sent, ["a", "b", "c"]);
  });
});
