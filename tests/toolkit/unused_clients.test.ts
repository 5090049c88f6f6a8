import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lines,
  RequestClient,
  RequestTimeoutError,
  RuntimeStoppedError,
  serve,
  simulate,
} from "../../mod.ts";
import { engineOf } from "../../src/runtime.ts";

test("a client that has neither a connection nor a request is not kept by its runtime, and still fails what is asked of it once the runtime is stopped", async () => {
  await simulate({ seeds: 1 }, async (sim) => {
    const server = sim.runtime("server");
    await server.listen("server:80", serve(lines(), (line) => line));
    const runtime = sim.runtime("client");
    const { connector } = engineOf(runtime);
    const kept = new Set<() => void>();
    const { onceStopped } = connector;
    connector.onceStopped = (callback) => {
      kept.add(callback);
      const forget = onceStopped.call(connector, callback);
      return () => {
        kept.delete(callback);
        forget();
      };
    };

    const client = new RequestClient(runtime, lines());
    assert.equal(kept.size, 0, "it is not used yet");
    for (let i = 0; i < 2; i++) {
      const connection = await runtime.connect("server:80", client.reactor());
      assert.equal(kept.size, 1, "it is connected");
      assert.equal(await client.request("a"), "a");
      assert.equal(kept.size, 1);
      await connection.close();
      assert.equal(kept.size, 0, "its connection is gone");
    }

    const unanswered = client.request("b", { timeoutMs: 10 });
    assert.equal(kept.size, 1, "a request waits");
    await assert.rejects(unanswered, RequestTimeoutError);
    assert.equal(kept.size, 0, "nobody waits any more");
    const aborted = client.request("b", { signal: AbortSignal.abort() });
    await assert.rejects(aborted);
    assert.equal(kept.size, 0);

    const closed = new RequestClient(runtime, lines());
    await closed.close();
    await assert.rejects(closed.request("c"));
    assert.equal(kept.size, 0, "it is closed");

    const waiting = assert.rejects(client.request("d"), RuntimeStoppedError);
    await runtime.stop();
    await waiting;
    await assert.rejects(client.request("e"), RuntimeStoppedError);
    const late = new RequestClient(runtime, lines());
    await assert.rejects(late.request("f"), RuntimeStoppedError);
  });
});
