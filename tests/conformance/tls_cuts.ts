import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  MessageResult,
  type ReactRuntime,
  TruncatedConnectionError,
} from "../../mod.ts";
import { ca, server } from "../support/certificates.ts";
import { connectHeld } from "./held_client.ts";
import { Middlebox } from "./middlebox.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { quietly, withRuntime } from "./support.ts";
import { serveTls } from "./tls_server.ts";

/**
 * Telling a clean end from a truncation in TLS, in whatever pieces they arrive.
 */
export function tlsCutPromises(environment: Environment): void {
  const { adapter, eventually } = environment;

  /**
   * A server that records `events`, and a client whose bytes reach it in one
   * piece with the end of the connection.
   */
  async function scene(runtime: ReactRuntime, pausesAtOnce: boolean) {
    const heard: (number | string)[] = [];
    const served = watched({
      onInboundMessage(buf, ctx) {
        heard.push(...buf);
        if (pausesAtOnce) ctx.pauseReading();
        return MessageResult.dropMsgSize(buf.length);
      },
      onPeerEnd: () => void heard.push("end"),
    });
    const { address } = await serveTls(runtime, server, () => served.reactor);
    const between = await Middlebox.open(runtime, address);
    const client = watched<never>();
    await runtime.connect(between.address, client.reactor, { tls: { ca } });
    const [serving, asking] = await Promise.all([
      served.connected,
      client.connected,
    ]);
    between.hold();
    return { heard, served, serving, asking, between };
  }

  /** Sends 1, 2, 3 and ends, all of which is held back. */
  async function sayAndEnd(asking: DispatchContext, between: Middlebox) {
    asking.sendOrQueue(Uint8Array.of(1, 2, 3));
    asking.end();
    await eventually(() => between.held.isEnd, "the client has ended");
    between.releaseAndEnd();
  }

  /** Sends 1, 2, 3, and is then cut off. */
  async function sayAndCut(asking: DispatchContext, between: Middlebox) {
    asking.sendOrQueue(Uint8Array.of(1, 2, 3));
    await eventually(() => between.held.size > 0, "the client has spoken");
    between.releaseAndEnd();
  }

  describe(`${adapter.name}: TLS: a message as long as an alert`, () => {
    for (const isEnd of [false, true]) {
      const what = isEnd ? "an end that TLS says" : "a cut";
      it(
        `comes before ${what}, in one piece with what ends the handshake`,
        () =>
          quietly(() =>
            withRuntime(adapter, {}, async (runtime) => {
              const heard: (number | string)[] = [];
              const served = watched({
                onInboundMessage(buf) {
                  heard.push(...buf);
                  return MessageResult.dropMsgSize(buf.length);
                },
                onPeerEnd(ctx) {
                  heard.push("end");
                  ctx.end();
                },
              });
              const { address } = await serveTls(
                runtime,
                server,
                () => served.reactor,
              );
              const client = await connectHeld(environment, runtime, address);
              const { between, handshakeSize } = client;
              client.ctx.sendOrQueue(Uint8Array.of(1, 2));
              if (isEnd) client.ctx.end();
              await eventually(
                () =>
                  isEnd
                    ? between.held.isEnd
                    : between.held.size > handshakeSize,
                "the client has sent",
              );
              between.releaseAndEnd();
              const reason = await served.closed;
              assert.deepEqual(heard, isEnd ? [1, 2, "end"] : [1, 2]);
              if (isEnd) assert.equal(reason, undefined);
              else {
                assert.ok(
                  reason instanceof TruncatedConnectionError,
                  `${reason}`,
                );
              }
            })
          ),
      );
    }
  });

  for (const pausesAtOnce of [false, true]) {
    const who = pausesAtOnce ? "who pauses at once" : "who reads on";
    const goOn = async (heard: unknown[], serving: DispatchContext) => {
      await eventually(() => heard.length >= 3, "it has heard what was said");
      if (!pausesAtOnce) return;
      await environment.sleep(20);
      assert.deepEqual(heard, [1, 2, 3]);
      serving.resumeReading();
    };

    describe(`${adapter.name}: TLS: what comes in one piece, to ${who}`, () => {
      const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
        quietly(() => withRuntime(adapter, {}, body));

      it(
        "is told before the end that TLS says, which is one",
        withOne(async (runtime) => {
          const { heard, served, serving, asking, between } = await scene(
            runtime,
            pausesAtOnce,
          );
          await sayAndEnd(asking, between);
          await goOn(heard, serving);
          await eventually(() => heard.length === 4, "it has heard the end");
          assert.deepEqual(heard, [1, 2, 3, "end"]);
          serving.end();
          assert.equal(await served.closed, undefined);
        }),
      );

      it(
        "is told before the end that TLS does not say, which is a cut",
        withOne(async (runtime) => {
          const { heard, served, serving, asking, between } = await scene(
            runtime,
            pausesAtOnce,
          );
          await sayAndCut(asking, between);
          await goOn(heard, serving);
          const reason = await served.closed;
          assert.ok(reason instanceof TruncatedConnectionError, `${reason}`);
          assert.deepEqual(heard, [1, 2, 3]);
        }),
      );
    });
  }
}
