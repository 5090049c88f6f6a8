import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandId,
  CommandQueueFullError,
  hostAdapter,
  type ReactorID,
  WorkerExitedError,
} from "../../mod.ts";
import { RemoteCommand } from "../../src/core/commands.ts";
import { Engine } from "../../src/core/engine.ts";
import {
  type Batch,
  type OpenRecord,
  RecordKind,
} from "../../src/threads/link/batch.ts";
import { MAX_UNACKNOWLEDGED_BYTES } from "../../src/tuning.ts";
import { Link } from "../../src/threads/link/link.ts";
import { recordsIn } from "../../src/threads/link/records_message.ts";
import { eventually, sleep } from "../conformance/support.ts";

const REACTOR = 7 as ReactorID;
const LOST = new WorkerExitedError("the thread ended");
const FAILED = {
  name: "RangeError",
  message: "failed",
  stack: undefined,
  cause: undefined,
};

/** A pending command that keeps what is reported to it. */
class Probe extends RemoteCommand<unknown> {
  readonly told: string[];

  constructor(id: number) {
    const told: string[] = [];
    super((result) => void told.push(result.ok ? "ok" : result.error.name));
    this.id = id as CommandId;
    this.told = told;
  }

  get action(): string {
    return "probe";
  }

  execute(): void {}
}

/** A link that leads nowhere, and what was posted to it. */
function newLink() {
  const posted: unknown[] = [];
  const port = {
    postMessage: (message: unknown) => void posted.push(message),
    close() {},
  };
  const { loop } = new Engine<unknown>(hostAdapter(), {});
  return { link: new Link(loop, port), posted };
}

const doneRecord = ({ id }: Probe): Batch => [
  [RecordKind.Done, id!, REACTOR],
  [undefined],
];

const failedRecord = ({ id }: Probe): Batch => [
  [RecordKind.Failed, id!],
  [FAILED],
];

describe("a command under way on a link", () => {
  it("is forgotten when it is answered or cancelled: nothing later reaches it", async () => {
    const { link } = newLink();
    const [done, failed, cancelled, waiting] = [1, 2, 3, 4]
      .map((id) => new Probe(id));
    for (const probe of [done, failed, cancelled, waiting]) link.expect(probe);
    link.receive(doneRecord(done));
    link.receive(failedRecord(failed));
    link.sendCancel(cancelled.id!);
    link.receive(doneRecord(done));
    link.receive(failedRecord(failed));
    link.receive(failedRecord(cancelled));
    link.lose(LOST);
    await eventually(() => waiting.told.length > 0, "it is told");
    await sleep(20);
    assert.deepEqual(
      [done, failed, cancelled, waiting].map(({ told }) => told),
      [["ok"], ["RangeError"], [], ["WorkerExitedError"]],
    );
  });

  it("is forgotten when the link is lost: it fails once", async () => {
    const { link } = newLink();
    const probe = new Probe(1);
    link.expect(probe);
    link.lose(LOST);
    link.lose(LOST);
    link.receive(doneRecord(probe));
    link.receive(failedRecord(probe));
    await eventually(() => probe.told.length > 0, "it is told");
    await sleep(20);
    assert.deepEqual(probe.told, ["WorkerExitedError"]);
  });

  it("fails at once if the link is lost already", async () => {
    const { link, posted } = newLink();
    link.lose(LOST);
    const probe = new Probe(1);
    link.expect(probe);
    assert.equal(link.sendUser(probe.id!, REACTOR, 1), LOST);
    assert.equal(link.sendClose(probe.id!, REACTOR, false), LOST);
    await eventually(() => probe.told.length > 0, "it is told");
    await sleep(20);
    assert.deepEqual(probe.told, ["WorkerExitedError"]);
    assert.deepEqual(posted, []);
  });
});

describe("data in transit on a link", () => {
  /** Nothing is copied here: the port leads nowhere. */
  const large = new Uint8Array(MAX_UNACKNOWLEDGED_BYTES / 4);
  const SIZE = large.length + 8;
  const sends: ((link: Link) => Error | undefined)[] = [
    (link) => link.sendUser(1 as CommandId, REACTOR, large),
    (link) => link.sendUser(1 as CommandId, REACTOR, { large }),
    (link) => link.sendUser(1 as CommandId, REACTOR, large, [large.buffer]),
    (link) => link.sendAsk(1, "service", large, []),
  ];

  it("is limited in bytes: what exceeds them is refused until some are acknowledged", () => {
    for (const send of sends) {
      const { link } = newLink();
      for (let i = 0; i < 4; i++) assert.equal(send(link), undefined);
      const error = send(link);
      assert.ok(error instanceof CommandQueueFullError);
      assert.match(
        error.message,
        /^4 commands are on the way .* \d{10} bytes$/,
      );
      link.receive([[RecordKind.Acknowledged, 1, SIZE], []]);
      assert.equal(send(link), undefined);
      assert.ok(send(link) instanceof CommandQueueFullError);
    }
  });

  it("is limited likewise if it is small plain data, or the parameter of a connect", () => {
    const lines = Array.from({ length: 60 }, () => "x".repeat(1000));
    const connect = (param: unknown): OpenRecord => ({
      id: 1 as CommandId,
      address: "127.0.0.1:1",
      factory: "f",
      param,
      options: {},
    });
    const small: ((link: Link) => Error | undefined)[] = [
      (link) => link.sendUser(1 as CommandId, REACTOR, lines),
      (link) => link.sendUser(1 as CommandId, REACTOR, { lines }),
      (link) => link.sendAsk(1, "service", { lines }, []),
      (link) => link.sendConnect(connect({ lines })),
    ];
    for (const send of small) {
      const { link } = newLink();
      let count = 0;
      while (send(link) === undefined) count++;
      const most = MAX_UNACKNOWLEDGED_BYTES / 60_480;
      assert.ok(count > 0.99 * most && count <= most + 1, `${count}`);
    }
  });

  it("is acknowledged per megabyte, and per thousand", async () => {
    const { link, posted } = newLink();
    const batch = (size: number): Batch => [
      [RecordKind.Ask, 1],
      ["service", 1],
      undefined,
      size,
    ];
    link.receive(batch(2 ** 20 - 1));
    await sleep(20);
    assert.deepEqual(posted, []);
    link.receive(batch(1));
    await eventually(() => posted.length === 1, "they are acknowledged");
    for (let i = 0; i < 1024; i++) link.receive([[RecordKind.Ask, 1], ["", 1]]);
    await eventually(() => posted.length === 2, "they are acknowledged");
    assert.deepEqual(
      posted.map((message) => [...recordsIn(message)![0] as number[]]),
      [[RecordKind.Acknowledged, 2, 2 ** 20], [
        RecordKind.Acknowledged,
        1024,
        0,
      ]],
    );
  });
});
