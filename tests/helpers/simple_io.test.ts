import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  InvalidMessageResultError,
  InvalidReactorError,
  setLogSink,
  SimNetwork,
  SimpleIoListener,
  SimpleIoReactor,
  SimpleIoRuntime,
} from "../../mod.ts";

describe("onMessage", () => {
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
          onMessage(buf) {
            heard.push(new TextDecoder().decode(buf));
            return buf.length < 6 ? 0 : 6;
          },
          onClose: (reason) => void reasons.push(reason),
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
        onMessage: (buf) => buf.length,
      }),
    );
    await network.until(() => reasons.length === 1, { timeoutMs: 1000 });
    assert.deepEqual(heard, ["abc", "abcdef"]);
    assert.deepEqual(reasons, [undefined]);
    await Promise.all([client.stop(), server.stop()]);
  });
});

describe("a simple reactor", () => {
  it("is not made of what has no onMessage, or cannot be asked for it", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const handlers of [undefined, null, {}, { onMessage: 1 }, proxy]) {
      assert.throws(
        () => new SimpleIoReactor(handlers as never),
        InvalidReactorError,
      );
    }
  });
});

describe("what the functions of a simple reactor throw or return", () => {
  const error = new Error("not this one");
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const acts: Record<string, () => unknown> = {
    throws() {
      throw error;
    },
    rejects: () => Promise.reject(error),
    "a thenable that throws": () => ({
      then() {
        throw error;
      },
    }),
    "a revoked proxy": () => revoked,
    "a symbol": () => Symbol("s"),
  };
  for (const name of ["onConnected", "onMessage", "onClose"] as const) {
    it(`${name}: closes its own connection if that is a failure, and nothing else`, async () => {
      const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
      const server = new SimpleIoRuntime({
        adapter: network.host("server").adapter,
      });
      const client = new SimpleIoRuntime({
        adapter: network.host("client").adapter,
      });
      const good = { onMessage: (buf: Uint8Array) => buf.length };
      const before = setLogSink(() => {});
      try {
        for (const [kind, act] of Object.entries(acts)) {
          const reasons: (Error | undefined)[] = [];
          const listener = await server.listen(
            "server:80",
            new SimpleIoListener((count) =>
              new SimpleIoReactor(
                count === 1 ? good : {
                  ...good,
                  onClose: (reason) => void reasons.push(reason),
                  [name](...args: unknown[]) {
                    if (name === "onClose") {
                      reasons.push(args[0] as Error | undefined);
                    }
                    return act();
                  },
                },
              )
            ),
          );
          const connect = () =>
            client.connect(
              "server:80",
              new SimpleIoReactor({
                ...good,
                onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
              }),
            );
          const bystander = await connect();
          let isBystanderClosed = false;
          void bystander.whenClosed.then(() => isBystanderClosed = true);
          const subject = await connect();
          await network.sleep(20);
          client.cmdSender.sendClose(subject);
          await network.until(() => reasons.length === 1);
          const fails = name !== "onClose" &&
            !(name === "onConnected" && !/throws|rejects/.test(kind));
          assert.equal(reasons[0] !== undefined, fails, kind);
          if (name === "onMessage" && !/throws/.test(kind)) {
            assert.ok(reasons[0] instanceof InvalidMessageResultError, kind);
          } else if (fails) assert.equal(reasons[0], error, kind);
          assert.equal(isBystanderClosed, false, kind);
          client.cmdSender.sendClose(bystander);
          server.cmdSender.sendClose(listener);
          await server.run();
        }
      } finally {
        setLogSink(before);
        await Promise.all([client.stop(), server.stop()]);
      }
    });
  }
});
