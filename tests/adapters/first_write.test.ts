import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { type DispatchContext, nodeAdapter } from "../../mod.ts";
import {
  pattern,
  PatternChecker,
  sink,
  sleep,
  withRuntime,
} from "../conformance/support.ts";

/** Sent at once, in one turn. */
const PIECE = 2 ** 13;
/** More than the systems of both ends accept. */
const MUCH = 2 ** 25;
const MORE = 2 ** 20;

/** Sends the bytes of the pattern from `start` to `end`. */
function send(ctx: DispatchContext, start: number, end: number): void {
  for (; start < end; start += PIECE) ctx.sendOrQueue(pattern(start, PIECE));
}

// A file of its own, since a process has one first write.
test("the first write of a process is not taken for a later one that is still under way", async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const { port } = server.address() as AddressInfo;
  await withRuntime(
    nodeAdapter,
    { maxSendQueue: 2 * MUCH },
    async (runtime) => {
      const ctx = await new Promise<DispatchContext>((resolve) => {
        const onConnected = (ctx: DispatchContext) => {
          send(ctx, 0, MUCH);
          resolve(ctx);
        };
        void runtime.connect(`127.0.0.1:${port}`, sink({ onConnected }));
      });
      const [peer] = await accepted;
      await sleep(50);
      send(ctx, MUCH, MUCH + MORE);
      ctx.close();
      const checker = new PatternChecker();
      peer.on("data", (chunk) => checker.check(chunk));
      peer.resume();
      await once(peer, "end");
      assert.equal(checker.received, MUCH + MORE);
      peer.destroy();
    },
  );
  server.close();
});
