import assert from "node:assert/strict";
import { describe } from "node:test";
import { MessageResult } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { serve, watched } from "./peers.ts";
import { sideBySide } from "./side_by_side.ts";
import { pattern, PatternChecker, withRuntime } from "./support.ts";

/** Far more than the systems of both ends accept. */
const QUEUED = 2 ** 25;
const PIECE = 2 ** 14;
/** What the peer sends each time; the system keeps it for a paused reader. */
const SENT = 1000;
const ROUNDS = 10;

/** What a paused reader is spared, and gets later. */
export function pausingPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;

  describe(`${adapter.name}: reading that is paused`, () => {
    const test = sideBySide(environment);
    test("by a completion, as bytes come in as well, goes on with these bytes, and then with FIN", () =>
      withRuntime(adapter, {
        maxSendQueue: 2 * QUEUED,
        sendHighWaterMark: 2 * QUEUED,
      }, async (runtime) => {
        const checker = new PatternChecker();
        let isPaused = false;
        let heardEnd = false;
        const server = watched({
          onInboundMessage(buf) {
            assert.ok(!isPaused, "it is paused");
            checker.check(buf);
            return MessageResult.dropMsgSize(buf.length);
          },
          onPeerEnd() {
            assert.ok(!isPaused, "it is paused");
            heardEnd = true;
          },
        });
        const peer = await connectPeer(
          await serve(environment, runtime, () => server.reactor),
        );
        const ctx = await server.connected;
        const pause = () => {
          isPaused = true;
          ctx.pauseReading();
        };
        const resume = () => {
          isPaused = false;
          ctx.resumeReading();
        };
        peer.pause();
        pause();
        for (let start = 0; start < QUEUED; start += PIECE) {
          ctx.sendOrQueue(pattern(start, PIECE), pause);
        }
        let sentCount = 0;
        const send = () => {
          peer.send(pattern(sentCount, SENT));
          sentCount += SENT;
        };
        for (let round = 0; round < ROUNDS; round++) {
          send();
          await sleep(20);
          peer.resume();
          await peer.has(Math.min(peer.received + 1, QUEUED));
          resume(); // as the socket becomes writable
          await sleep(1);
          peer.pause();
        }
        send();
        peer.end();
        peer.resume();
        await peer.has(QUEUED);
        resume();
        await eventually(
          () => heardEnd || server.calls.includes("onClose"),
          "FIN is there",
        );
        assert.equal(checker.received, sentCount);
        ctx.close();
        await server.closed;
      }));
  });
}
