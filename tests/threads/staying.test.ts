import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DefaultTcpListenerHandler,
  formatAddress,
  MessageResult,
  ReactRuntime,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { ANY_PORT, eventually } from "../conformance/support.ts";
import { moduleUrl } from "./agents.ts";
import type staying from "./modules/staying.ts";

const THREADS = 2;

test("a thread stays connected by its own runtime, and no longer than it runs", async () => {
  const runtime = new ReactRuntime();
  /** How often each thread has connected. */
  const counts = new Array<number>(THREADS).fill(0);
  const listener = await runtime.listen(
    ANY_PORT,
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage(buf, ctx) {
        if (++counts[buf[0]] < 3) ctx.close();
        return MessageResult.dropMsgSize(1);
      },
    })),
  );
  const threads = await ThreadedReactorMgr.start<typeof staying>({
    threads: THREADS,
    module: moduleUrl("modules/staying"),
  });
  const address = formatAddress(listener.address);
  for (let id = 0; id < THREADS; id++) {
    threads.getCmdSender(id).sendListen(ANY_PORT, "stay", { address });
  }
  await eventually(() => counts.every((count) => count === 3), "connected");
  assert.equal(listener.connectionCount, THREADS);
  await threads.stop();
  await eventually(() => listener.connectionCount === 0, "gone");
  assert.deepEqual(counts, [3, 3]);
  await runtime.stop();
});
