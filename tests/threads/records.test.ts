import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandId,
  INVALID_COMMAND_ID,
  type ReactorID,
  SimRandom,
} from "../../mod.ts";
import { EncodedCommand } from "../../src/threads/link/encoded_command.ts";
import type { Amount } from "../../src/threads/link/amount.ts";
import { AnswerOutbox } from "../../src/threads/link/answer_outbox.ts";
import { CommandOutbox } from "../../src/threads/link/command_outbox.ts";
import { bytesInMessage } from "../../src/threads/link/batch.ts";
import { parcelOf } from "../../src/threads/link/own_bytes.ts";
import { Inbox, type RecordReceiver } from "../../src/threads/link/inbox.ts";
import { tcp } from "../support/tcp.ts";

const IDS = [INVALID_COMMAND_ID, 7 as CommandId, 2 ** 52 as CommandId];
const REACTOR = 5 as ReactorID;

/** Plain data of every kind, some of it nested. */
function anyCommand(random: SimRandom, depth = 0): unknown {
  const makers: (() => unknown)[] = [
    () => random.integer(-5, 5),
    () => random.pick([0.5, -0, NaN, Infinity, 2 ** 40]),
    () => "text".repeat(random.integer(0, 4)),
    () => random.pick([true, false, null, undefined, 10n]),
    () => ({ kind: "add", value: random.integer(0, 9) }),
  ];
  if (depth < 3) {
    makers.push(
      () =>
        Array.from(
          { length: random.integer(0, 4) },
          () => anyCommand(random, depth + 1),
        ),
      () =>
        Object.fromEntries(
          Array.from({ length: random.integer(0, 4) }, () => [
            random.pick(["a", "b", "c", "1", "x y", "toString", "constructor"]),
            anyCommand(random, depth + 1),
          ]),
        ),
    );
  }
  return random.pick(makers)();
}

/** Records the user commands it receives. */
class Receiver implements RecordReceiver {
  readonly cmds: unknown[] = [];
  readonly heads: [id: CommandId, reactorId: ReactorID][] = [];

  onUser(id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    this.heads.push([id, reactorId]);
    this.cmds.push(cmd);
  }

  onConnect(): void {}
  onListen(): void {}
  onClose(): void {}
  onCancel(): void {}
  onAsk(): void {}
  onWithdraw(): void {}

  onTell(service: string, value: unknown, size: number): void {
    this.cmds.push({ service, value, size });
  }

  onProcessed(): void {}
  onReturned(): void {}
  onAnswered(): void {}
  onRefused(): void {}
  onDone(): void {}
  onFailed(): void {}
  onAcknowledged(): void {}
}

describe("batches of records", () => {
  it("plain commands arrive like clones, in order, whatever their shapes", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SimRandom(seed);
      const outbox = new CommandOutbox();
      const inbox = new Inbox();
      const receiver = new Receiver();
      const sent: unknown[] = [];
      const heads: [CommandId, ReactorID][] = [];
      for (let batch = 0; batch < 4; batch++) {
        for (let i = random.integer(0, 20); i > 0; i--) {
          const cmd = anyCommand(random);
          const copy = structuredClone(cmd);
          const head = [
            random.pick(IDS),
            random.integer(5, 6) as ReactorID,
          ] as [CommandId, ReactorID];
          if (random.integer(0, 9) === 0) outbox.putCancel(IDS[1]);
          assert.ok(outbox.putUser(...head, cmd));
          sent.push(copy);
          heads.push(head);
        }
        inbox.read(structuredClone(outbox.take()), receiver);
      }
      assert.deepEqual(receiver.cmds, sent);
      assert.deepEqual(receiver.heads, heads);
    }
  });

  it("plain commands in a batch have the same sizes as alone", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new SimRandom(seed);
      const outbox = new CommandOutbox();
      let size = 0;
      for (let i = 0; i < 50; i++) {
        const cmd = anyCommand(random);
        assert.ok(outbox.putUser(random.pick(IDS), REACTOR, cmd));
        size += parcelOf(cmd).size;
        assert.equal(outbox.size, size, `seed ${seed}`);
      }
      assert.equal(bytesInMessage(outbox.take()), size);
      assert.equal(outbox.size, 0);
    }
  });

  it("messages arrive with their sizes, among commands and for several services", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = new SimRandom(seed);
      const outbox = new CommandOutbox();
      const inbox = new Inbox();
      const sent: unknown[] = [];
      const receiver = new Receiver();
      for (let i = 0; i < 200; i++) {
        const value = anyCommand(random);
        const service = random.pick(["", "one", "other.one"]);
        if (random.integer(0, 4) === 0) {
          assert.ok(outbox.putUser(random.pick(IDS), REACTOR, value));
          sent.push(structuredClone(value));
        } else {
          const size = outbox.putTell(service, value);
          assert.equal(size, parcelOf(value).size);
          sent.push({ service, value: structuredClone(value), size });
        }
        if (random.integer(0, 50) === 0) {
          inbox.read(structuredClone(outbox.take()), receiver);
        }
      }
      inbox.read(structuredClone(outbox.take()), receiver);
      assert.deepEqual(receiver.cmds, sent, `seed ${seed}`);
    }
  });

  it("what was taken out is no longer referenced", () => {
    const { read } = EncodedCommand.prototype;
    const rooms = new Set<EncodedCommand>();
    EncodedCommand.prototype.read = function (...args) {
      rooms.add(this);
      return read.apply(this, args);
    };
    try {
      const outbox = new CommandOutbox();
      for (const inner of [{ text: "one" }, [{}], { text: "two" }]) {
        assert.ok(outbox.putUser(IDS[0], REACTOR, { inner, text: "text" }));
      }
      outbox.take();
    } finally {
      EncodedCommand.prototype.read = read;
    }
    assert.equal(rooms.size, 1, "there is one room for all");
    for (const { others, seen } of rooms) {
      assert.deepEqual([others, seen.objects], [[], []]);
    }
  });

  it("more shapes than are remembered, and more keys than a shape has, arrive as well", () => {
    const outbox = new CommandOutbox();
    const receiver = new Receiver();
    const sent = Array.from(
      { length: 600 },
      (_, i) => ({ [`key ${i}`]: i, [`other ${i % 7}`]: -i }),
    );
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`k${i}`, i]),
    );
    for (const cmd of [...sent, many]) {
      assert.ok(outbox.putUser(IDS[1], REACTOR, cmd));
    }
    new Inbox().read(structuredClone(outbox.take()), receiver);
    assert.deepEqual(receiver.cmds, [...sent, many]);
  });

  it("what is not small plain data is left out, and nothing of it is left behind", () => {
    const shared = { n: 1 };
    const cycle: Record<string, unknown> = {};
    cycle.self = [cycle];
    const cases: unknown[] = [
      new Map(),
      new Date(),
      Uint8Array.of(1),
      { a: 1, b: new Set() },
      { a: { b: { c: /x/ } } },
      { twice: shared, again: shared },
      cycle,
      () => {},
      { a: 1, f: () => {} },
      Symbol("s"),
      "x".repeat(2000),
      { long: "x".repeat(2000) },
      [1, , 2], // deno-lint-ignore no-sparse-arrays
      Object.assign([1], { extra: 1 }),
      Array(100).fill(0),
      { ["__proto__"]: 1 },
      { inner: { ["__proto__"]: 1 } },
      new (class Point {
        x = 1;
      })(),
      Array.from({ length: 40 }, () => []),
    ];
    const outbox = new CommandOutbox();
    const receiver = new Receiver();
    for (const cmd of cases) {
      assert.equal(outbox.putUser(IDS[1], REACTOR, cmd), false, String(cmd));
      assert.ok(outbox.putUser(IDS[1], REACTOR, { a: 1, b: 2 }));
    }
    assert.equal(outbox.count, cases.length);
    new Inbox().read(outbox.take(), receiver);
    assert.deepEqual(receiver.cmds, cases.map(() => ({ a: 1, b: 2 })));
  });

  it("a command that throws while it is read leaves nothing behind, wherever it throws", () => {
    const outbox = new CommandOutbox();
    const receiver = new Receiver();
    const good = () => ({ a: 1, b: "text", c: [1] });
    for (const key of ["a", "b", "c", "d"]) {
      for (const isAwaited of [true, false]) {
        assert.ok(outbox.putUser(IDS[1], REACTOR, good()));
        const bad = Object.defineProperty(good(), key, {
          enumerable: true,
          get: () => {
            throw new Error(key);
          },
        });
        assert.throws(
          () => outbox.putUser(isAwaited ? IDS[1] : IDS[0], REACTOR, bad),
          new Error(key),
        );
        assert.ok(outbox.putUser(IDS[1], REACTOR, good()));
      }
    }
    assert.equal(outbox.count, 16);
    new Inbox().read(structuredClone(outbox.take()), receiver);
    assert.deepEqual(receiver.cmds, Array.from({ length: 16 }, good));
  });

  it("a command that adds others while it is read comes after them, even if a batch is taken meanwhile", () => {
    for (const takes of [false, true]) {
      const outbox = new CommandOutbox();
      const inbox = new Inbox();
      const receiver = new Receiver();
      const nested = (depth: number): object => ({
        depth,
        get inner() {
          if (depth === 5) return "end";
          outbox.putUser(IDS[0], REACTOR, nested(depth + 1));
          if (takes) inbox.read(structuredClone(outbox.take()), receiver);
          return `after ${depth + 1}`;
        },
        n: depth,
      });
      outbox.putUser(IDS[1], REACTOR, { depth: 0, inner: "first", n: 0 });
      outbox.putUser(IDS[0], REACTOR, nested(1));
      inbox.read(structuredClone(outbox.take()), receiver);
      assert.deepEqual(
        receiver.cmds,
        [[0, "first"], [5, "end"], [4, "after 5"], [3, "after 4"], [
          2,
          "after 3",
        ], [1, "after 2"]].map(([depth, inner]) => ({
          depth,
          inner,
          n: depth,
        })),
      );
    }
  });

  it("answers arrive in order, with addresses and errors, and are taken out once", () => {
    const told: unknown[] = [];
    const receiver = Object.assign(new Receiver(), {
      onDone: (...args: unknown[]) => void told.push(["done", ...args]),
      onFailed: (...args: unknown[]) => void told.push(["failed", ...args]),
      onAcknowledged: (amount: Amount) => void told.push(amount.count),
    });
    const address = tcp("127.0.0.1", 1);
    const error = {
      name: "E",
      message: "m",
      stack: undefined,
      cause: undefined,
    };
    const outbox = new AnswerOutbox();
    for (let i = 0; i < 100; i++) {
      outbox.putAcknowledged({ count: i, bytes: 0 });
    }
    outbox.putDone(IDS[2], REACTOR, address);
    outbox.putFailed(IDS[1], error);
    outbox.putDone(IDS[1], REACTOR);
    assert.equal(outbox.isEmpty, false);
    new Inbox().read(structuredClone(outbox.take()), receiver);
    assert.equal(outbox.isEmpty, true);
    assert.deepEqual(told, [
      ...Array(100).keys(),
      ["done", IDS[2], REACTOR, address],
      ["failed", IDS[1], error],
      ["done", IDS[1], REACTOR, undefined],
    ]);
    new Inbox().read(outbox.take(), receiver);
    assert.equal(told.length, 103);
  });
});
