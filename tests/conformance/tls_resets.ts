import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionResetError,
  MessageResult,
  nodeAdapter,
  type ReactRuntime,
  TruncatedConnectionError,
} from "../../mod.ts";
import { ca, server } from "../support/certificates.ts";
import { Middlebox } from "./middlebox.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { quietly, withRuntime } from "./support.ts";
import { serveTls } from "./tls_server.ts";

const IS_NODE = !("Bun" in globalThis || "Deno" in globalThis);

/** What a reset means in TLS for an end that is not reading. */
export function tlsResetPromises(environment: Environment): void {
  const { adapter, eventually, sleep } = environment;

  /**
   * Checks that a server reports a reset of its connection, done by `other`.
   */
  async function expectReset(
    runtime: ReactRuntime,
    other: ReactRuntime,
    hasHeard: boolean,
    hasEnded: boolean,
  ): Promise<void> {
    const heard: number[] = [];
    const served = watched({
      onConnected(ctx) {
        if (!hasHeard) ctx.pauseReading();
      },
      onInboundMessage(buf, ctx) {
        heard.push(buf[0]);
        if (hasHeard && heard.length === 1) ctx.pauseReading();
        return MessageResult.dropMsgSize(1);
      },
      onPeerEnd() {},
    });
    const { address } = await serveTls(runtime, server, () => served.reactor);
    const between = await Middlebox.open(other, address);
    const client = watched({ onPeerEnd() {} }); // stays open
    await runtime.connect(between.address, client.reactor, { tls: { ca } });
    const serving = await served.connected;
    const asking = await client.connected;
    if (hasEnded) serving.end();
    asking.sendOrQueue(Uint8Array.of(1, 2, 3));
    if (hasHeard) await eventually(() => heard.length > 0, "it has heard");
    await sleep(20);
    between.reset();
    await sleep(20);
    if (!served.calls.includes("onClose")) serving.resumeReading();
    const reason = await served.closed;
    asking.abort();
    assert.ok(reason instanceof ConnectionResetError, `${reason}`);
    assert.ok(!served.calls.includes("onPeerEnd"));
    if (!(reason instanceof TruncatedConnectionError)) return;
    // Node takes a reset after unread bytes for EOF, which cannot be reported
    // any more if this end has already ended.
    assert.ok(IS_NODE && hasEnded);
    assert.deepEqual(heard, [1, 2, 3]);
  }

  describe(`${adapter.name}: TLS: a reset behind the ends that both have said`, () => {
    for (const isServerFirst of [false, true]) {
      const first = isServerFirst ? "the server" : "the client";
      it(`is none if ${first} has ended first`, () =>
        quietly(() =>
          withRuntime(
            adapter,
            {},
            (runtime) =>
              withRuntime(nodeAdapter, {}, async (other) => {
                const served = watched({
                  onInboundMessage(buf, ctx) {
                    if (isServerFirst) ctx.close();
                    return MessageResult.dropMsgSize(buf.length);
                  },
                });
                const { address } = await serveTls(
                  runtime,
                  server,
                  () => served.reactor,
                );
                const between = await Middlebox.open(other, address);
                const client = watched();
                await runtime.connect(between.address, client.reactor, {
                  tls: { ca },
                });
                const asking = await client.connected;
                await served.connected;
                if (isServerFirst) {
                  asking.sendOrQueue(Uint8Array.of(1));
                  between.hold(1);
                } else {
                  between.hold();
                  asking.end();
                }
                await eventually(() => between.held.isEnd, "it has ended");
                between.release();
                await sleep(50);
                between.reset();
                assert.equal(await served.closed, undefined);
              }),
          )
        ));
    }
  });

  describe(`${adapter.name}: TLS: a reset of who is paused`, () => {
    for (const hasHeard of [false, true]) {
      for (const hasEnded of [false, true]) {
        const who = hasHeard ? "has heard something" : "has heard nothing";
        const ends = hasEnded ? "has ended" : "has not ended";
        it(`is one, to who ${who} and ${ends}`, () =>
          quietly(() =>
            withRuntime(adapter, {}, (runtime) =>
              // Deno can reset a connection only through node:net.
              withRuntime(
                nodeAdapter,
                {},
                (between) => expectReset(runtime, between, hasHeard, hasEnded),
              ))
          ));
      }
    }
  });
}
