import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  SimNetwork,
  SimpleIoListener,
  SimpleIoReactor,
  SimpleIoRuntime,
} from "../mod.ts";

describe("onSockMsg", () => {
  it("gets the bytes again, with those that follow, after it returned 0", async () => {
    const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
    const server = new SimpleIoRuntime({
      adapter: network.host("server").adapter,
    });
    const client = new SimpleIoRuntime({
      adapter: network.host("client").adapter,
    });
    const heard: string[] = [];
    const reasons: (Error | undefined)[] = [];
    await server.listen(
      "server:80",
      new SimpleIoListener(() =>
        new SimpleIoReactor({
          onSockMsg(buf) {
            heard.push(new TextDecoder().decode(buf));
            return buf.length < 6 ? 0 : 6;
          },
          onClosed: (_reactorId, _cmdSender, _appData, reason) =>
            void reasons.push(reason),
        })
      ),
    );
    await client.connect(
      "server:80",
      new SimpleIoReactor({
        onConnected(ctx) {
          ctx.sendOrQueue(new TextEncoder().encode("abc"));
          void network.sleep(50).then(() => {
            ctx.sendOrQueue(new TextEncoder().encode("def"));
            ctx.close();
          });
        },
        onSockMsg: (buf) => buf.length,
      }),
    );
    await network.until(() => reasons.length === 1, { timeoutMs: 1000 });
    assert.deepEqual(heard, ["abc", "abcdef"]);
    assert.deepEqual(reasons, [undefined]);
    await Promise.all([client.stop(), server.stop()]);
  });
});
