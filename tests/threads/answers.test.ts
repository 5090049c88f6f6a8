import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  type CommandId,
  type DispatchContext,
  hostAdapter,
  type ReactorID,
} from "../../mod.ts";
import { Engine } from "../../src/core/engine.ts";
import { CommandIntake } from "../../src/threads/commands/command_intake.ts";
import type { Factories } from "../../src/threads/commands/factories.ts";
import { recordsIn } from "../../src/threads/link/records_message.ts";
import { Link } from "../../src/threads/link/link.ts";
import { sink } from "../conformance/support.ts";
import { FakeSocket } from "../relay/fake_relay.ts";

type Handler = (cmd: unknown, ctx: DispatchContext) => void;

/** A thread with reactors that run `onCommand`; what it writes to sockets and posts to the other thread is in `log`. */
async function newThread(count: number, onCommand: Handler) {
  const log: unknown[] = [];
  const adapter: Adapter = {
    ...hostAdapter(),
    connect(_options, events) {
      const socket = new FakeSocket();
      socket.write = (buffer, start, end) => {
        log.push(`wrote ${buffer[start]}`);
        return end - start;
      };
      socket.destroy = () => void queueMicrotask(() => socket.events.onClose());
      queueMicrotask(() => events.onConnect(socket));
      return { cancel() {} };
    },
  };
  const engine = new Engine<unknown>(adapter, {});
  const port = {
    postMessage: (message: unknown) => void log.push(message),
    close() {},
  };
  const link = new Link(
    engine.loop,
    port,
    new CommandIntake(engine, {} as Factories),
  );
  const ids: ReactorID[] = [];
  for (let i = 0; i < count; i++) {
    ids.push(
      await new Promise<ReactorID>((succeed, fail) =>
        engine.connector.connect("127.0.0.1:2", { ...sink(), onCommand }, {}, {
          succeed: ({ id }) => succeed(id),
          fail,
        })
      ),
    );
  }
  /** Delivers commands, all in one event. */
  const receive = (
    ...commands: [id: number, target: ReactorID, cmd: number][]
  ) =>
    engine.loop.onCommandEvent(() => {
      for (const [id, target, cmd] of commands) {
        link.receive([id as CommandId, target, cmd]);
      }
    });
  return {
    log,
    ids,
    link,
    receive,
    stop: () => engine.stop({ drainMs: 0, graceMs: 0 }),
  };
}

describe("a command of another thread is not answered before what its handler sent is written", () => {
  it("whether it comes alone or with others", async () => {
    const { log, ids, receive, stop } = await newThread(
      2,
      (cmd, ctx) => void ctx.sendOrQueue(Uint8Array.of(cmd as number)),
    );
    receive([1, ids[0], 5]);
    assert.equal(log[0], "wrote 5");
    assert.equal(log.length, 2, "and it is answered, once");
    log.length = 0;
    receive([2, ids[0], 6], [3, ids[1], 7], [4, ids[1], 8]);
    assert.deepEqual(log.slice(0, 2), ["wrote 6", "wrote 7"]);
    assert.equal(log.length, 3, "and all are answered, at once");
    await stop();
  });

  it("although the handler also sends a command there, which goes at once", async () => {
    const { log, ids, link, receive, stop } = await newThread(1, (cmd, ctx) => {
      ctx.sendOrQueue(Uint8Array.of(cmd as number));
      link.sendUser(0 as CommandId, 9 as ReactorID, cmd);
    });
    receive([1, ids[0], 5], [2, ids[0], 6]);
    assert.deepEqual(recordsIn(log[0]), [0, 9, 5, 8], "the first goes at once");
    assert.equal(log.indexOf("wrote 5"), log.length - 2, "then the answers go");
    await stop();
  });
});
