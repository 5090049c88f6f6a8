import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReactRuntime, RequestClient, serve, unframed } from "../../mod.ts";
import {
  notAnswered,
  notSent,
} from "../../src/toolkit/requests/client/request_failures.ts";
import { block } from "../support/block.ts";

// Who is to blame for a request that timed out: the error tells if it may be this thread.

const BUSY = /; this thread was busy, and noticed (\d+) ms late/;

describe("a request that timed out", () => {
  it("says how late that was noticed, if this thread was busy", async () => {
    const runtime = new ReactRuntime();
    const server = serve(unframed(), () => new Promise<Uint8Array>(() => {}));
    const { address } = await runtime.listen("127.0.0.1:0", server);
    const client = new RequestClient(runtime, unframed(), { timeoutMs: 10 });
    await runtime.connect(address, client.reactor());
    const asked = client.request(Uint8Array.of(1));
    block(150);
    await assert.rejects(asked, (error: Error) => {
      assert.equal(error.name, "RequestTimeoutError");
      const [, lateMs] = BUSY.exec(error.message) ?? [];
      assert.ok(Number(lateMs) >= 100, error.message);
      return true;
    });
    await runtime.stop({ graceMs: 0 }); // the server never answers
  });

  it("says nothing of this thread if that was free", () => {
    const time = { timeoutMs: 100, lateMs: 19 };
    assert.equal(
      notAnswered(time, "the peer").message,
      "the peer did not answer a request within 100 ms (timeoutMs)",
    );
  });

  it("says so of one that was not even sent", () => {
    const waiting = { peer: undefined, inFlightCount: 0 };
    const { message } = notSent({ timeoutMs: 5, lateMs: 20.4 }, waiting, false);
    assert.equal(
      message,
      "A request was not sent within 5 ms (timeoutMs); this thread was busy, and noticed 20 ms late: there is no connection",
    );
  });
});
