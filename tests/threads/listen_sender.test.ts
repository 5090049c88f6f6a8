import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OpenResult } from "../../src/api/command.ts";
import { ListenSender } from "../../src/threads/listen/listen_sender.ts";
import type { Port } from "../../src/threads/link/port.ts";
import type { Acceptor } from "../../src/threads/relay/acceptor.ts";
import type { ThreadCmdSender } from "../../src/threads/reactor_thread.ts";

/** Threads that are asked to listen, and an acceptor; what they are asked is in `log`. */
function newThreads() {
  const log: string[] = [];
  const ports: Port[] = [];
  let complete!: (result: OpenResult) => void;
  const senders = (runtimeId: number) => ({
    sendListen(
      _address: unknown,
      _factory: string,
      _param: unknown,
      options: { completion: typeof complete },
    ) {
      log.push(`thread ${runtimeId} is to listen`);
      complete = options.completion;
    },
  } as unknown as ThreadCmdSender);
  const acceptor = {
    address: { transport: "tcp", hostname: "127.0.0.1", port: 7000 },
    get hasPorts() {
      return ports.length > 0;
    },
    addPort(runtimeId: number, port: Port) {
      log.push(`thread ${runtimeId} gets connections`);
      ports.push(port);
    },
    removePort(runtimeId: number) {
      log.push(`thread ${runtimeId} gets none`);
    },
  } as unknown as Acceptor;
  const sender = new ListenSender(senders, "echo", undefined);
  return {
    log,
    relay: (runtimeId: number) => sender.relay(runtimeId, acceptor, {}),
    complete: (isOk: boolean) => complete({ ok: isOk } as OpenResult),
    close: () => ports.forEach((port) => port.close()),
  };
}

describe("of threads that get connections from an accepting thread", () => {
  it("the first gets those that waited before it listens, the next none before", async () => {
    const { log, relay, complete, close } = newThreads();
    const first = relay(0);
    assert.deepEqual(log.splice(0), [
      "thread 0 gets connections",
      "thread 0 is to listen",
    ]);
    complete(true);
    await first;
    const next = relay(1);
    assert.deepEqual(log.splice(0), ["thread 1 is to listen"]);
    complete(true);
    await next;
    assert.deepEqual(log, ["thread 1 gets connections"]);
    close();
  });

  it("those that fail to listen get none", async () => {
    const { log, relay, complete, close } = newThreads();
    for (const runtimeId of [0, 1]) {
      const listening = relay(runtimeId);
      complete(false);
      assert.equal((await listening).ok, false);
    }
    assert.deepEqual(log, [
      "thread 0 gets connections",
      "thread 0 is to listen",
      "thread 0 gets none",
      "thread 1 is to listen",
    ]);
    close();
  });
});
