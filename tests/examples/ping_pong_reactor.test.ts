// The test of the Rust crate for its example: examples/example/pingpong.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyTable } from "../../examples/latency.ts";
import { PingpongClient, PingpongReactor } from "../../examples/pingpong.ts";
import {
  MessageResult,
  ReactRuntime,
  type TcpListenerHandler,
} from "../../mod.ts";
import { ANY_PORT, pattern } from "../conformance/support.ts";
import { deadline } from "../support/deadline.ts";

/** A server for one client: its listener closes when that has come. */
function serverOf(runtime: ReactRuntime): TcpListenerHandler {
  return {
    onNewConnection(listener) {
      runtime.cmdSender.sendClose(listener.id);
      return { reactor: new PingpongReactor() };
    },
  };
}

test("test_ping_pong_reactor: the game ends after two round trips", async () => {
  const runtime = new ReactRuntime();
  const lines: string[] = [];
  const table = new LatencyTable(1000, (line) => lines.push(line));
  const client = new PingpongClient(2, table);

  runtime.cmdSender.sendListen(ANY_PORT, serverOf(runtime), {
    completion(result) {
      if (!result.ok) throw result.error;
      runtime.cmdSender.sendConnect(result.localAddress, client);
    },
  });
  const inTime = deadline();
  while (await runtime.processEvents()) inTime();

  assert.equal(runtime.reactorCount, 0);
  assert.equal(runtime.deferredCommandCount, 0);
  assert.equal(client.roundTrips, 2);
  assert.match(lines[1], /^ +2 /);
});

test("a message comes back with the same body and a new time", async () => {
  const runtime = new ReactRuntime();
  const sent = pattern(0, 10 + 0xffff); // more than one read
  sent.set([0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8]);
  let received = new Uint8Array();

  const listener = await runtime.listen(ANY_PORT, serverOf(runtime));
  const before = epochNanos();
  await runtime.connect(listener.address, {
    onConnected(ctx) {
      ctx.sendOrQueue(sent);
    },
    onInboundMessage(buf, ctx) {
      if (buf.length < sent.length) {
        return MessageResult.expectMsgSize(sent.length);
      }
      received = buf.slice();
      ctx.close();
      return MessageResult.dropMsgSize(buf.length);
    },
  });
  const inTime = deadline();
  while (await runtime.processEvents()) inTime();

  const time = new DataView(received.buffer).getBigUint64(2, true);
  assert.ok(before <= time && time <= epochNanos(), `${time}`);
  received.set(sent.subarray(2, 10), 2);
  assert.deepEqual(received, sent);
});

function epochNanos(): bigint {
  return BigInt(
    Math.trunc((performance.timeOrigin + performance.now()) * 1e6),
  );
}
