import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  hostAdapter,
  InvalidOptionError,
  lines,
  ReactRuntime,
  RequestClient,
  runOnSignals,
  RuntimeBusyError,
  serve,
  SignalsNotSupportedError,
  type SimHost,
  SimNetwork,
  simulate,
} from "../../mod.ts";
import { quietly, sink } from "../conformance/support.ts";

/** A server that runs on signals in a simulation, and takes `workMs` to finish. */
async function running(workMs: number, signals?: string[]) {
  const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
  const host = network.host("server");
  const runtime = new ReactRuntime({ adapter: host.adapter });
  const client = new ReactRuntime({ adapter: network.host("client").adapter });
  await runtime.listen(
    "server:80",
    new DefaultTcpListenerHandler(() =>
      sink({
        onDrain: (ctx) => void network.sleep(workMs).then(() => ctx.close()),
      })
    ),
  );
  const connection = await client.connect("server:80", sink());
  await network.until(() => runtime.connectionCount === 1);
  const result = { signal: "none yet" as string | undefined };
  const ended = runOnSignals(runtime, { drainMs: 1000, signals })
    .then((signal) => void (result.signal = signal));
  await network.sleep(1);
  return { network, host, runtime, client, connection, result, ended };
}

async function isGone(host: SimHost, network: SimNetwork): Promise<void> {
  await network.until(() => !host.isUp, { timeoutMs: 100 });
}

describe("a runtime that runs on signals", () => {
  it("is stopped gracefully by one, within drainMs, and resolves to its name", () =>
    quietly(async () => {
      for (const signal of ["SIGTERM", "SIGINT"]) {
        const { network, host, client, connection, result, ended } =
          await running(300);
        const begin = network.now();
        host.signal(signal);
        await ended;
        assert.equal(result.signal, signal);
        assert.ok(network.now() - begin >= 300);
        assert.equal(await connection.whenClosed, undefined);
        assert.equal(host.exitCode, undefined, "it ends when it likes");
        host.signal(signal);
        assert.equal(host.isUp, false, "nobody listens for signals any more");
        await client.stop();
      }
    }));

  it("is ended at once by a second one, whichever, with 128 and its number", () =>
    quietly(async () => {
      for (
        const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const
      ) {
        const workMs = 900;
        const { network, host, client, connection, result } = await running(
          workMs,
        );
        host.signal("SIGTERM");
        await network.sleep(signal === "SIGTERM" ? 500 : 1);
        assert.equal(host.isUp, true);
        host.signal(signal);
        await isGone(host, network);
        assert.equal(host.exitCode, code);
        assert.equal(result.signal, "none yet");
        await connection.whenClosed;
        await client.stop();
      }
    }));

  it("takes one that is sent again within half a second for the same", () =>
    quietly(async () => {
      const { network, host, client, result, ended } = await running(300);
      for (const pauseMs of [0, 1, 200]) {
        host.signal("SIGTERM");
        await network.sleep(pauseMs);
      }
      assert.equal(result.signal, "none yet");
      await ended;
      assert.equal(result.signal, "SIGTERM");
      assert.equal(host.isUp, true);
      await client.stop();
    }));

  it("does not wait at a third", () =>
    quietly(async () => {
      const network = new SimNetwork();
      const host = network.host("server");
      const never = () => new Promise<never>(() => {});
      const { adapter } = host;
      void runOnSignals({ adapter, run: never, stop: never });
      for (const signal of ["SIGINT", "SIGTERM"]) {
        host.signal(signal);
        await network.sleep(100);
      }
      assert.equal(host.isUp, true);
      host.signal("SIGINT");
      await isGone(host, network);
      assert.equal(host.exitCode, 130);
    }));

  it("resolves to nothing if it ends by itself, and listens for signals no longer", () =>
    quietly(async () => {
      const { host, runtime, client, result, ended } = await running(1);
      await runtime.stop();
      await ended;
      assert.equal(result.signal, undefined);
      host.signal("SIGTERM");
      assert.equal(host.exitCode, 143);
      await client.stop();
    }));

  it("hears the signals that it is told, and no others", () =>
    quietly(async () => {
      const { host, client, result, ended } = await running(1, ["SIGUSR2"]);
      host.signal("SIGUSR2");
      await ended;
      assert.equal(result.signal, "SIGUSR2");
      await client.stop();
      const other = await running(1, ["SIGUSR2"]);
      other.host.signal("SIGTERM");
      assert.equal(other.host.exitCode, 143);
      await other.client.stop({ graceMs: 0 });
    }));

  it("hears a signal once that it is told twice", () =>
    quietly(async () => {
      const { host, client, result, ended } = await running(20, [
        "SIGTERM",
        "SIGTERM",
      ]);
      host.signal("SIGTERM");
      await ended;
      assert.equal(result.signal, "SIGTERM");
      await client.stop();
    }));

  it("is refused with a signal that nobody can listen for; nothing is listened for then", async () => {
    const { signals } = hostAdapter();
    assert.ok(signals !== undefined);
    assert.equal(signals.numberOf("SIGKILL"), undefined);
    assert.equal(signals.numberOf("SIGSTOP"), undefined);
    const cause = new TypeError("not here");
    const heard: string[] = [];
    const adapter = {
      ...hostAdapter(),
      signals: {
        ...signals,
        numberOf: () => 11,
        listen(name: string) {
          if (name === "SIGSEGV") throw cause;
          heard.push(name);
          return () => void heard.splice(heard.indexOf(name), 1);
        },
      },
    };
    await assert.rejects(
      runOnSignals(new ReactRuntime({ adapter }), {
        signals: ["SIGTERM", "SIGSEGV"],
      }),
      (error: Error) =>
        error instanceof InvalidOptionError && error.cause === cause &&
        /SIGSEGV.*not here/.test(error.message),
    );
    assert.deepEqual(heard, []);
  });

  it("is refused with a signal that there is not, without an adapter that has any, and while it runs; nothing is listened for then", () =>
    quietly(async () => {
      const { host, runtime, client, ended } = await running(1);
      for (const signals of [["SIGNONE"], [1], "SIGTERM", ["toString"], null]) {
        await assert.rejects(
          runOnSignals(runtime, { signals: signals as never }),
          InvalidOptionError,
        );
      }
      await assert.rejects(
        runOnSignals(runtime, { drainMs: -1 }),
        InvalidOptionError,
      );
      await assert.rejects(runOnSignals(runtime), RuntimeBusyError);
      const adapter = { ...hostAdapter(), name: "mute", signals: undefined };
      await assert.rejects(
        runOnSignals(new ReactRuntime({ adapter })),
        (error: Error) =>
          error instanceof SignalsNotSupportedError &&
          /the adapter mute has none/.test(error.message),
      );
      await runtime.stop();
      await ended;
      host.signal("SIGTERM");
      assert.equal(host.exitCode, 143);
      await client.stop();
    }));

  it("that is a gateway answers all that is under way, by the server behind it", () =>
    quietly(async () => {
      const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
      const runtimeOn = (name: string) =>
        new ReactRuntime({ adapter: network.host(name).adapter });
      const behind = runtimeOn("behind");
      const slowly = async (line: string) => {
        await network.sleep(200);
        return line.toUpperCase();
      };
      const many = { order: "any", concurrency: 64 } as const;
      await behind.listen("behind:80", serve(lines(), slowly, many));
      const gateway = runtimeOn("gateway");
      const upstream = RequestClient.connect(gateway, "behind:80", lines(), {
        window: 64,
      });
      await gateway.listen(
        "gateway:80",
        serve(lines(), (line: string) => upstream.request(line), many),
      );
      const masters = runtimeOn("masters");
      const names = Array.from({ length: 32 }, (_, i) => `request ${i}`);
      const clients = names.map(() =>
        RequestClient.connect(masters, "gateway:80", lines())
      );
      const answers = names.map((name, i) => clients[i].request(name));
      const ended = runOnSignals(gateway, { drainMs: 5000 });
      await network.sleep(100);
      network.host("gateway").signal("SIGTERM");
      assert.deepEqual(
        await Promise.all(answers),
        names.map((name) => name.toUpperCase()),
      );
      assert.equal(await ended, "SIGTERM");
      await Promise.all(clients.map((client) => client.close()));
      await masters.stop();
      await behind.stop();
    }));

  it("is tried out by simulate", async () => {
    const report = await simulate(
      { seeds: 3, faults: "gentle" },
      async (sim) => {
        const host = sim.host("server");
        const runtime = sim.runtime(host);
        await runtime.listen("server:80", {
          onNewConnection: () => ({ reactor: sink() }),
        });
        const ended = runOnSignals(runtime);
        await sim.runtime("client").connect("server:80", sink());
        await sim.sleep(1);
        host.signal("SIGTERM");
        assert.equal(await ended, "SIGTERM");
      },
    );
    assert.equal(report.seeds, 3);
  });
});

describe("a simulated process", () => {
  it("is ended by a signal that nobody listens for; its exit code tells which, until it is restarted", () => {
    const host = new SimNetwork().host("host");
    assert.equal(host.exitCode, undefined);
    host.signal("SIGHUP");
    assert.equal(host.isUp, false);
    assert.equal(host.exitCode, 129);
    host.signal("SIGTERM");
    assert.equal(host.exitCode, 129, "it is gone");
    host.restart();
    assert.equal(host.exitCode, undefined);
    host.kill();
    assert.equal(host.exitCode, undefined, "it was killed");
    assert.throws(() => host.signal("SIGNONE"), InvalidOptionError);
  });
});
