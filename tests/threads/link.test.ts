import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandId,
  hostAdapter,
  type ReactorID,
  WorkerExitedError,
} from "../../mod.ts";
import { RemoteCommand } from "../../src/core/commands.ts";
import { Engine } from "../../src/core/engine.ts";
import { type Batch, RecordKind } from "../../src/threads/link/batch.ts";
import { Link } from "../../src/threads/link/link.ts";
import { eventually, sleep } from "../conformance/support.ts";

const REACTOR = 7 as ReactorID;
const LOST = new WorkerExitedError("the thread ended");
const FAILED = {
  name: "RangeError",
  message: "failed",
  stack: undefined,
  cause: undefined,
};

/** A command under way that keeps what it is told. */
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

/** A link that leads nowhere, and what was posted. */
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

describe("what a link has under way", () => {
  it("is forgotten when the answer comes, and when it is cancelled: it hears of nothing later", async () => {
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

  it("is forgotten when the link is lost: it hears of that once", async () => {
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
