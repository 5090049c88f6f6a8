import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  LogLevel,
  type LogRecord,
  type ReactorID,
  ReactRuntime,
  SimNetwork,
} from "../../mod.ts";
import { logging, PeerLines, sink } from "../conformance/support.ts";

describe("a flood of 10,000 bad messages a second", () => {
  it("has eleven lines a second in the log, of a thousand bytes each at most, and none is missing from the counts", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const server = new ReactRuntime({
      adapter: network.host("server").adapter,
    });
    const client = new ReactRuntime({
      adapter: network.host("client").adapter,
    });
    const log = new PeerLines();
    let countRecords = 0;
    let countBytes = 0;
    let countThrown = 0;
    await logging((record) => {
      countRecords++;
      countBytes += record.parts.join(" ").length;
      log.sink(record);
    }, async () => {
      await server.listen("server:80", {
        onNewConnection: () => ({
          reactor: {
            onInboundMessage() {
              countThrown++;
              throw new Error("x".repeat(100_000));
            },
          },
        }),
      });
      const begin = network.now();
      for (let second = 1; second <= 2; second++) {
        for (let i = 0; i < 10_000; i++) {
          void client.connect(
            "server:80",
            sink({
              onConnected(ctx) {
                ctx.sendOrQueue(Uint8Array.of(1));
                ctx.close();
              },
            }),
          );
          if (i % 100 !== 99) continue;
          await network.sleep(10);
          assert.ok(countRecords <= 11 * (second + 1), `${countRecords} lines`);
        }
        assert.ok(network.now() - begin >= 1000 * second);
      }
      await network.until(() => server.connectionCount === 0);
      await Promise.all([client.stop(), server.stop()]);
    });
    assert.equal(countThrown, 20_000);
    assert.equal(log.count, countThrown);
    assert.ok(countBytes <= 1000 * countRecords);
  });
});

describe("bugs at many places", () => {
  it("have their stacks logged for the first 16 places alone", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const { adapter } = network.host("server");
    const runtime = new ReactRuntime({ adapter });
    const records: LogRecord[] = [];
    await logging((record) => void records.push(record), async () => {
      for (let i = 0; i < 40; i++) {
        const bug = new TypeError("wrong");
        bug.stack = `TypeError: wrong\n    at f (file:///app.ts:${i}:1)`;
        runtime.cmdSender.sendClose(1 as ReactorID, {
          completion() {
            throw bug;
          },
        });
        await network.sleep(200);
      }
    });
    const stacks = records.filter(({ level }) => level === LogLevel.Error);
    assert.equal(records.length, 40);
    assert.equal(stacks.length, 16);
    assert.deepEqual(records.slice(0, 16), stacks);
    await runtime[Symbol.asyncDispose]();
  });
});
