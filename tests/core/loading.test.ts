import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Adapter,
  ConnectionClosedError,
  ConnectTimeoutError,
  hostAdapter,
  LoadError,
  MessageResult,
  type ReactRuntime,
  RuntimeStoppedError,
  type Tls,
  UnsupportedTransportError,
} from "../../mod.ts";
import {
  ANY_PORT,
  echo,
  signal,
  sink,
  withRuntime,
} from "../conformance/support.ts";
import { ca, server } from "../support/certificates.ts";

const host = hostAdapter();
const loadTls = host.loadTls as () => Promise<Tls>;
const handler = { onNewConnection: () => ({ reactor: echo() }) };
const WHO_NEEDS_IT = {
  listen: (runtime: ReactRuntime) =>
    runtime.listen(ANY_PORT, handler, { tls: server }),
  connect: (runtime: ReactRuntime) =>
    runtime.connect("127.0.0.1:9", sink(), { tls: { ca } }),
};

/** The adapter of the host, which loads TLS as `load` does. */
function loadingBy(load: Adapter["loadTls"]): Adapter {
  return { ...host, loadTls: load };
}

/** An adapter whose TLS is loaded when `finish` is called, and how often it was asked for. */
function heldBack() {
  const loading = signal<Tls>();
  const held = {
    askedCount: 0,
    adapter: loadingBy(() => {
      held.askedCount++;
      return loading.promise;
    }),
    finish: async () => loading.resolve(await loadTls()),
    fail: () => loading.reject(new Error("no such file")),
  };
  return held;
}

describe("what is loaded when it is asked for first", () => {
  it("is awaited, loaded once for all of a runtime, and then is there at once", async () => {
    const held = heldBack();
    await withRuntime(held.adapter, {}, async (runtime) => {
      const opening = [
        WHO_NEEDS_IT.listen(runtime),
        WHO_NEEDS_IT.listen(runtime),
      ];
      const running = runtime.run();
      let hasEnded = false;
      void running.then(() => hasEnded = true);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(hasEnded, false);
      await held.finish();
      const [first, second] = await Promise.all(opening);
      const answer = signal<string>();
      const client = await runtime.connect(first.address, {
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(65)),
        onInboundMessage(buf) {
          answer.resolve(String.fromCharCode(...buf));
          return MessageResult.dropMsgSize(buf.length);
        },
      }, { tls: { ca, serverName: "localhost" } });
      assert.equal(await answer.promise, "A");
      await Promise.all([client.close(), first.close(), second.close()]);
      await running;
    });
    assert.equal(held.askedCount, 1);
  });

  it("is not loaded where nobody asks for it", () => {
    const adapter = loadingBy(() => assert.fail("loaded"));
    return withRuntime(adapter, {}, async (runtime) => {
      const listener = await runtime.listen(ANY_PORT, handler);
      const client = await runtime.connect(listener.address, sink());
      await client.close();
    });
  });

  for (const [name, open] of Object.entries(WHO_NEEDS_IT)) {
    it(`fails a ${name} with LoadError if it cannot be loaded, and is tried again by the next`, async () => {
      const cause = new Error("no such file");
      for (
        const fail of [
          () => Promise.reject(cause),
          (): never => {
            throw cause;
          },
        ]
      ) {
        let askedCount = 0;
        const adapter = loadingBy(() => {
          askedCount++;
          return fail();
        });
        await withRuntime(adapter, {}, async (runtime) => {
          for (const count of [1, 2]) {
            await assert.rejects(open(runtime), (error) => {
              assert.ok(error instanceof LoadError);
              assert.equal(error.cause, cause);
              assert.match(
                error.message,
                /^Cannot (listen on|connect to) 127\.0\.0\.1:\d+: .*\(no such file\)$/,
              );
              return true;
            });
            assert.equal(askedCount, count);
          }
        });
      }
    });

    it(`fails a ${name} with UnsupportedTransportError if the adapter has none`, () =>
      withRuntime(
        loadingBy(undefined),
        {},
        (runtime) => assert.rejects(open(runtime), UnsupportedTransportError),
      ));

    it(`opens nothing for a ${name} once the runtime is stopped`, async () => {
      const held = heldBack();
      const adapter: Adapter = {
        ...held.adapter,
        listen: () => assert.fail("bound"),
        connect: () => assert.fail("connected"),
      };
      await withRuntime(adapter, {}, async (runtime) => {
        const opened = assert.rejects(open(runtime), RuntimeStoppedError);
        const stopping = runtime.stop();
        await held.finish();
        await Promise.all([opened, stopping]);
      });
    });
  }

  it("counts for the time that a connect may take", async () => {
    const held = heldBack();
    await withRuntime(held.adapter, {}, async (runtime) => {
      const options = { tls: { ca }, connectTimeoutMs: 20 };
      await assert.rejects(
        runtime.connect("127.0.0.1:9", sink(), options),
        (error) => {
          assert.ok(error instanceof ConnectTimeoutError);
          assert.match(error.message, /was not loaded by then$/);
          return true;
        },
      );
      await held.finish();
    });
  });

  it("connects to nothing once the command was cancelled", async () => {
    const held = heldBack();
    let connectCount = 0;
    const adapter: Adapter = {
      ...held.adapter,
      connect(options, events) {
        connectCount++;
        return host.connect(options, events);
      },
    };
    await withRuntime(adapter, {}, async (runtime) => {
      const failed = signal<Error>();
      const id = runtime.cmdSender.sendConnect("127.0.0.1:9", sink(), {
        tls: { ca },
        completion: (result) => {
          if (!result.ok) failed.resolve(result.error);
        },
      });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(held.askedCount, 1);
      assert.ok(runtime.cmdSender.cancel(id));
      assert.equal((await failed.promise).name, "CommandCancelledError");
      await held.finish();
      // Who asks later is served, so whoever asked before would have been.
      await assert.rejects(WHO_NEEDS_IT.connect(runtime));
      assert.equal(connectCount, 1);
    });
  });

  it("is nothing that a connection which could not start TLS hears of, nor the process if it fails", async () => {
    for (
      const finish of [
        (held: ReturnType<typeof heldBack>) => held.finish(),
        (held: ReturnType<typeof heldBack>) => held.fail(),
      ]
    ) {
      const held = heldBack();
      await withRuntime(held.adapter, {}, async (runtime) => {
        const { address } = await runtime.listen(ANY_PORT, handler);
        const client = await runtime.connect(address, {
          onConnected(ctx) {
            const options = {
              get ca() { // read when the connection was found to be open
                ctx.close();
                return ca;
              },
            };
            assert.throws(() => ctx.startTls(options), ConnectionClosedError);
          },
          onInboundMessage: () => MessageResult.dropMsgSize(0),
        });
        await client.whenClosed;
        await finish(held);
        await new Promise((resolve) => setImmediate(resolve));
      });
      assert.equal(held.askedCount, 1);
    }
  });

  it("has its options checked before", () => {
    const adapter = loadingBy(() => assert.fail("loaded"));
    return withRuntime(adapter, {}, async (runtime) => {
      await assert.rejects(
        runtime.listen(ANY_PORT, handler, { tls: { ...server, key: "none" } }),
        { name: "InvalidCredentialError" },
      );
      await assert.rejects(
        runtime.connect("127.0.0.1:9", sink(), {
          tls: { handshakeTimeoutMs: -1 },
        }),
        { name: "InvalidOptionError" },
      );
    });
  });
});
