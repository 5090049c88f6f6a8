import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  CommandCancelledError,
  type CommandOptions,
  hostAdapter,
  type ListenerEvents,
  LogLevel,
  type LogRecord,
  SocketFailure,
} from "../../mod.ts";
import type { ThreadCmdSender } from "../../src/threads/reactor_thread.ts";
import { SharedListener } from "../../src/threads/shared_listener.ts";
import { logging, signal } from "../conformance/support.ts";
import { LOCAL, UNHEARD } from "./ports.ts";
import { tcp } from "../support/tcp.ts";

/** An adapter whose listener does what a test says. */
function fakeAdapter(accepting: (events: ListenerEvents) => void): Adapter {
  return {
    ...hostAdapter(),
    reusesPorts: false,
    listen(_options, events) {
      accepting(events);
      return Promise.resolve({
        address: tcp("127.0.0.1", 1),
        resume() {},
        close: () => Promise.resolve(),
      });
    },
  };
}

/** To a thread that does not listen. */
const REFUSING = {
  sendListen: (...args: [unknown, unknown, unknown, CommandOptions]) =>
    args[3].completion?.({ ok: false, error: new CommandCancelledError("no") }),
} as unknown as ThreadCmdSender;

describe("a listener of all threads", () => {
  it("that cannot accept any more closes, and says why in one line", async () => {
    const closed = signal<void>();
    let events!: ListenerEvents;
    const listener = new SharedListener(
      {
        threadCount: 1,
        senders: () => REFUSING,
        checkFree() {},
        onDrop() {},
        control: () => undefined,
        checkTls: () => Promise.resolve(),
        onClosed: closed.resolve,
        loop: UNHEARD.loop,
        peerLog: UNHEARD.peerLog,
      },
      fakeAdapter((given) => events = given),
      LOCAL.address,
      "echo",
      undefined,
      {},
    );
    const records: LogRecord[] = [];
    await logging((record) => void records.push(record), async () => {
      await assert.rejects(listener.start([0]), CommandCancelledError);
      events.onAcceptError(new SocketFailure("denied", "no\nleave"));
      await closed.promise;
    });
    assert.deepEqual(records.map(({ level, parts }) => [level, parts]), [
      [LogLevel.Error, [
        "Cannot accept on 127.0.0.1:1: SocketFailure: no\\nleave",
      ]],
    ]);
  });
});
