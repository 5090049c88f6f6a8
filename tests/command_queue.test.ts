import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandQueueFullError,
  type CommandResult,
  Deferred,
  INVALID_COMMAND_ID,
  type ReactorID,
} from "../mod.ts";
import { CommandQueue } from "../src/core/command_queue.ts";
import { UserCmdCommand } from "../src/core/commands.ts";
import { quietly } from "./conformance/support.ts";

const NOBODY = 1 as ReactorID;
const MAX_COMMANDS = 2 ** 20;

function emptyQueue(): CommandQueue<number> {
  return new CommandQueue(
    { now: () => 0, wallNow: () => 0 },
    () => {},
    () => {},
  );
}

describe("CommandQueue", () => {
  it("2^20 commands may wait; those that were cancelled do not count, told or not", () => {
    const queue = emptyQueue();
    const options = [
      {},
      { completion() {} },
      { deferred: Deferred.after(1000) },
      { deferred: Deferred.after(1000), completion() {} },
    ];
    const send = (i: number) =>
      queue.sendUserCmd(NOBODY, i, options[i % options.length]);
    const ids = Array.from({ length: MAX_COMMANDS }, (_, i) => send(i));
    assert.equal(send(0), INVALID_COMMAND_ID);
    for (const id of ids) assert.equal(queue.cancel(id), true);
    for (let i = 0; i < MAX_COMMANDS; i++) {
      assert.notEqual(send(i), INVALID_COMMAND_ID);
    }
    assert.equal(send(0), INVALID_COMMAND_ID);
  });

  it("a deferred command that is cancelled and awaited by nobody leaves nothing", () => {
    const queue = emptyQueue();
    const id = queue.sendUserCmd(NOBODY, 0, { deferred: Deferred.after(1000) });
    assert.equal(queue.earliestDeadline, 1000);
    assert.equal(queue.cancel(id), true);
    assert.equal(queue.earliestDeadline, Infinity);
    assert.equal(queue.countUnsettled, 0);
    assert.equal(queue.countQueued, 0);
  });

  it("2^20 commands of other threads may wait; what is beyond fails at once and is not kept", () =>
    quietly(() => {
      const queue = emptyQueue();
      const results: CommandResult[] = [];
      const enqueue = () =>
        queue.enqueue(
          new UserCmdCommand(NOBODY, 0, (result) => void results.push(result)),
        );
      for (let i = 0; i < MAX_COMMANDS; i++) enqueue();
      assert.equal(results.length, 0);
      for (let i = 0; i < 10; i++) enqueue();
      assert.equal(results.length, 10);
      assert.ok(
        results.every((result) =>
          !result.ok && result.error instanceof CommandQueueFullError
        ),
      );
      assert.equal(queue.countQueued, MAX_COMMANDS);
      return Promise.resolve();
    }));
});
