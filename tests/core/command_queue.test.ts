import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandQueueFullError,
  type CommandResult,
  Deferred,
  INVALID_COMMAND_ID,
  type ReactorID,
  RuntimeStoppedError,
} from "../../mod.ts";
import { CommandQueue } from "../../src/core/command_queue.ts";
import {
  type CommandExecutor,
  UserCmdCommand,
} from "../../src/core/commands.ts";
import { RuntimeCmdSender } from "../../src/core/runtime_cmd_sender.ts";
import { quietly } from "../conformance/support.ts";

const NOBODY = 1 as ReactorID;
const MAX_COMMANDS = 2 ** 20;

function emptyQueue(
  warn: (say: () => string, error: Error) => void = () => {},
): CommandQueue<number> {
  return new CommandQueue({ now: () => 0, wallNow: () => 0 }, () => {}, warn);
}

function senderTo(queue: CommandQueue<number>): RuntimeCmdSender<number> {
  return new RuntimeCmdSender(queue);
}

const OPTIONS = [
  {},
  { completion() {} },
  { deferred: Deferred.after(1000) },
  { deferred: Deferred.after(1000), completion() {} },
];

/** Does every user command. */
const doer: CommandExecutor<number> = {
  executeConnect() {},
  executeListen() {},
  executeClose() {},
  giveCommand: () => undefined,
};

/** How many commands `queue` takes on until it is full. */
function countTaken(queue: CommandQueue<number>): number {
  let count = 0;
  const send = () =>
    senderTo(queue).sendUserCmd(NOBODY, 0, OPTIONS[count % OPTIONS.length]);
  while (count <= MAX_COMMANDS && send() !== INVALID_COMMAND_ID) count++;
  return count;
}

describe("CommandQueue", () => {
  it("2^20 commands may wait; those that were cancelled do not count, told or not", () => {
    const queue = emptyQueue();
    const send = (i: number) =>
      senderTo(queue).sendUserCmd(NOBODY, i, OPTIONS[i % OPTIONS.length]);
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
    const id = senderTo(queue).sendUserCmd(NOBODY, 0, {
      deferred: Deferred.after(1000),
    });
    assert.equal(queue.earliestDeadline, 1000);
    assert.equal(queue.cancel(id), true);
    assert.equal(queue.earliestDeadline, Infinity);
    assert.equal(queue.unsettledCount, 0);
    assert.equal(queue.queuedCount, 0);
  });

  it("no error is made for each of the commands that nobody awaits and a stop refuses", () => {
    const told: [string, Error][] = [];
    const queue = emptyQueue((say, error) => void told.push([say(), error]));
    const sender = senderTo(queue);
    const reason = new RuntimeStoppedError("the runtime was stopped");
    sender.sendUserCmd(NOBODY, 0, { deferred: Deferred.after(1000) });
    sender.sendUserCmd(NOBODY, 0);
    queue.refuse(reason, () => {});
    sender.sendUserCmd(NOBODY, 0);
    queue.executeQueued(doer, Infinity);
    const line = [`Did not give a command to reactor ${NOBODY}`, reason];
    assert.deepEqual(told, [line, line, line]);
    assert.ok(told.every(([, error]) => error === reason));
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
      assert.equal(queue.queuedCount, MAX_COMMANDS);
      return Promise.resolve();
    }));

  it("2^20 commands may wait, whatever was carried out, cancelled or refused before", () =>
    quietly(async () => {
      await Promise.resolve();
      let now = 0;
      const queue = new CommandQueue<number>(
        { now: () => now, wallNow: () => 0 },
        () => {},
        () => {},
      );
      const work = (limit: number) => {
        now += 2000;
        queue.executeDeferred(doer, limit);
        queue.executeQueued(doer, limit);
      };
      const send = () =>
        Array.from(
          { length: 10_000 },
          (_, i) =>
            senderTo(queue).sendUserCmd(NOBODY, i, OPTIONS[i % OPTIONS.length]),
        );
      for (let round = 0; round < 3; round++) {
        for (const id of send().slice(0, 1000)) queue.cancel(id);
        work(3000);
        work(Infinity);
        assert.equal(queue.unsettledCount, 0);
      }
      send();
      work(3000); // of each kind some are left, and some of the queue is done
      assert.equal(queue.unsettledCount, 4000);
      assert.equal(countTaken(queue), MAX_COMMANDS - 4000);
      work(Infinity);
      assert.equal(queue.unsettledCount, 0);
      assert.equal(countTaken(queue), MAX_COMMANDS);
    }));

  it("2^20 commands of other threads may wait, and the next fails, whoever sends it", () => {
    const queue = emptyQueue();
    const sendRemote = () => {
      const command = new UserCmdCommand<number>(NOBODY, 0, () => {});
      queue.enqueue(command);
      return command;
    };
    for (let i = 0; i < MAX_COMMANDS; i++) {
      assert.equal(sendRemote().failure, undefined);
    }
    assert.ok(sendRemote().failure instanceof CommandQueueFullError);
    assert.equal(senderTo(queue).sendUserCmd(NOBODY, 0), INVALID_COMMAND_ID);
    queue.executeQueued(doer, 10);
    assert.equal(queue.receivedCount, queue.queuedCount - 1);
  });
});
