import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FaultKind, type FaultRates, SimNetwork } from "../../mod.ts";
import { connectRaw, listenRaw, openRaw } from "./raw_peers.ts";

/** Those that strike who speaks TLS; see tls/faults_simulated.test.ts. */
const OF_TLS = [
  "failedHandshakes",
  "stuckHandshakes",
  "truncatedEnds",
] as const;

describe("faults by chance", () => {
  /** What shows that a fault of each kind has struck on its own. */
  const signs: Record<Exclude<FaultKind, typeof OF_TLS[number]>, RegExp> = {
    shortReads: /data/,
    shortWrites: /write \d+ of/,
    refusedWrites: /write 0 of/,
    spuriousWritable: /writable/,
    lostPackets: /data/,
    partitions: /data/,
    resets: /close: reset/,
    lostOnReset: /close: reset/,
    withheldResets: /goes on reading/,
    failedConnects: /connect failed/,
    failedAccepts: /accept failed/,
    lateTimers: /timer/,
    pauses: /goes on/,
    clockJumps: /wall clock jumps/,
  };

  for (const [name, sign] of Object.entries(signs)) {
    it(`strike at their rate, and at no other: ${name}`, async () => {
      const network = await talk({ [name]: 1 });
      assert.ok(network.injectedFaults.length > 0);
      for (const id of network.injectedFaults) {
        assert.equal(id.split("@")[0], name);
      }
      if (name === "withheldResets") return;
      assert.ok(network.trace.some((line) => sign.test(line)), `${sign}`);
    });
  }

  it("do not strike unless asked for, nor after endFaults()", async () => {
    assert.deepEqual((await talk({})).injectedFaults, []);
    const { network, client, server } = await openRaw({
      faults: { resets: 1, partitions: 1 },
    });
    network.endFaults();
    client.write(1);
    await network.idle();
    assert.deepEqual(server.heard, ["data 1"]);
    assert.deepEqual(network.injectedFaults, []);
  });

  it("strike as often as their rate says", async () => {
    const network = new SimNetwork({ faults: { lateTimers: 0.3 } });
    const { adapter } = network.host("a");
    let late = 0;
    for (let i = 0; i < 10_000; i++) {
      adapter.clock.setTimer(() => {
        if (adapter.clock.now() > 1) late++;
      }, 1);
    }
    await network.idle();
    assert.equal(network.injectedFaults.length, late);
    assert.ok(Math.abs(late - 3000) < 150, String(late));
    assert.ok(network.now() > 45 && network.now() <= 51, `${network.now()}`);
  });

  it("cut a link both ways for a while", async () => {
    const { network, client, server } = await openRaw({
      onlyFaults: ["partitions@1c.1"],
    });
    const start = network.now();
    const times: number[] = [];
    client.onEvent = server.onEvent = () => times.push(network.now() - start);
    client.write(1);
    server.write(1);
    await network.idle();
    assert.equal(times.length, 2);
    for (const ms of times) assert.ok(ms > 20 && ms < 3300, `${ms} ms`);
  });

  it("cut a link that is cut already, and it mends when both are over", async () => {
    const { network, client, server } = await openRaw({
      onlyFaults: ["partitions@1c.1", "partitions@1a.1"],
    });
    client.write(1);
    server.write(1);
    await network.idle();
    assert.equal(network.injectedFaults.length, 2);
    const mended = network.trace.filter((line) => line.endsWith(" mended"));
    assert.equal(mended.length, 1);
    assert.deepEqual([client.heard, server.heard], [["data 1"], ["data 1"]]);
  });

  it("have a process stand still after its event, not before", async () => {
    const network = new SimNetwork({ onlyFaults: ["pauses@a.1"] });
    network.host("a").adapter.clock.setTimer(() => {}, 1);
    await network.idle();
    const happened = network.trace.map((line) => line.replace(/^ *\S+ /, ""));
    assert.deepEqual(happened, [
      "a timer",
      "network fault pauses@a.1",
      "a paused",
      "a goes on",
    ]);
  });

  it("lose what was not read, and withhold a reset from who is paused", async () => {
    const lost = await openRaw({ faults: { lostOnReset: 1 } });
    lost.client.socket.pause();
    lost.server.write(1); // not read: it is why there is a reset behind the FIN
    await lost.network.sleep(100);
    lost.network.host("server").pause(1000);
    lost.client.write(1);
    lost.client.socket.shutdownWrite();
    await lost.network.sleep(100);
    lost.client.socket.destroy();
    await lost.network.idle();
    assert.deepEqual(lost.server.heard, ["close reset"]);

    for (const wake of ["resume", "write"]) {
      const late = await openRaw({ faults: { withheldResets: 1 } });
      const { socket } = late.server;
      socket.pause();
      late.client.socket.destroy();
      await late.network.idle();
      assert.deepEqual(late.server.heard, []);
      if (wake === "resume") socket.resume();
      else assert.equal(late.server.write(1), 0);
      await late.network.idle();
      assert.deepEqual(late.server.heard, ["close reset"]);
    }
  });

  it("are chosen by the seed in a profile, and none that ends a connection in a gentle one", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) {
      const random = new SimNetwork({ seed, faults: "random" });
      for (const name of Object.keys(random.faults)) seen.add(name);
      const { faults } = new SimNetwork({ seed, faults: "gentle" });
      assert.equal(faults.resets, undefined);
      assert.equal(faults.failedConnects, undefined);
      assert.equal(faults.failedAccepts, undefined);
      for (const name of OF_TLS) assert.equal(faults[name], undefined);
    }
    assert.deepEqual(
      [...seen].sort(),
      [...Object.keys(signs), ...OF_TLS].sort(),
    );
  });

  it("strike alone when they are named, and others are not changed by it", async () => {
    const rates = { shortReads: 0.5, lostPackets: 0.2, lateTimers: 0.9 };
    const { injectedFaults } = await talk(rates);
    const onlyFaults = injectedFaults.filter((id) => id.startsWith("late"));
    assert.ok(onlyFaults.length > 1, injectedFaults.join());
    assert.ok(onlyFaults.length < injectedFaults.length);
    const again = await talk(rates, onlyFaults);
    assert.deepEqual(again.injectedFaults, onlyFaults);
    const whole = await talk({}, [...injectedFaults]);
    assert.equal(whole.traceHash, (await talk(rates)).traceHash);
  });
});

/** Some connects, bytes, a timer: a chance for every fault. */
async function talk(
  faults: FaultRates,
  onlyFaults?: string[],
): Promise<SimNetwork> {
  const network = new SimNetwork({
    seed: 5,
    faults,
    onlyFaults,
    writes: "counts",
  });
  const { listener, accepted } = await listenRaw(
    network.host("server").adapter,
  );
  const { adapter } = network.host("client");
  for (let i = 0; i < 5; i++) {
    adapter.clock.setTimer(() => {}, 1);
    const connecting = connectRaw(adapter).catch(() => undefined);
    await network.sleep(10_000);
    listener.resume();
    const server = accepted.at(-1);
    server?.socket.pause();
    const client = await connecting;
    client?.socket.write(new Uint8Array(100), 0, 100);
    await network.sleep(10_000);
    server?.socket.resume();
    await network.sleep(10_000);
    server?.socket.pause();
    client?.socket.destroy();
    await network.sleep(10_000);
    server?.socket.resume();
  }
  await network.idle();
  return network;
}
