import assert from "node:assert/strict";
import type { Adapter, SimHostCounts, SimNetwork } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { SimPeer } from "./sim_peer.ts";
import { tcp } from "../support/tcp.ts";

const PATIENCE_MS = 10_000;
const SHORTEST_SLEEP_MS = 0.001;

const NOTHING: SimHostCounts = {
  sockets: 0,
  listeners: 0,
  connects: 0,
  timers: 0,
};

/**
 * A simulated network with the runtimes of the tests on one host and their
 * peers on others.
 */
export interface SimEnvironment extends Environment {
  /**
   * Called after each test: closes the peers, and checks that the contract was
   * kept and that nothing is left.
   */
  readonly settle: () => Promise<void>;
}

/**
 * The environment of tests on `network`. `wrap` wraps the sockets of a host,
 * and those of peers unless `connect` creates them.
 */
export function simEnvironment(
  network: SimNetwork,
  wrap: (adapter: Adapter) => Adapter = (adapter) => adapter,
  connect: typeof SimPeer.connect = (adapter, address, eventually) =>
    SimPeer.connect(wrap(adapter), address, eventually),
): SimEnvironment {
  const core = network.host("core");
  const peers = network.host("peers");
  const dying = network.host("dying");
  const deaf = network.host("deaf");
  network.setLink(core, peers, { latencyMs: 0.05, jitterMs: 0.05 });
  network.partition(core, deaf);
  let violationCount = 0;
  const eventually = (condition: () => boolean, what: string) =>
    network.until(condition, { what, timeoutMs: PATIENCE_MS });
  return {
    adapter: wrap(core.adapter),
    anyPort: `${core.address}:0`,
    hosts: ["127.0.0.1", "[::1]", core.address],
    moreThanHeld: 8 * 2 ** 20,
    isSimulated: true,
    // Time passes only from event to event, so a polling loop has to let some
    // pass.
    sleep: (ms) => network.sleep(Math.max(ms, SHORTEST_SLEEP_MS)),
    eventually,
    connectPeer: (address) => connect(peers.adapter, address, eventually),
    async dropped(address) {
      const peer = await connect(peers.adapter, address, eventually);
      await Promise.race([peer.ended, peer.closed]);
      peer.end();
      await peer.closed;
      assert.equal(peer.received, 0, "it is served");
    },
    blockEventLoop: (ms) => core.pause(ms),
    async connectAnsweringPeer(address) {
      const peer = await connect(peers.adapter, address, eventually);
      peer.pause();
      let answeredCount = 0;
      const answer = () => {
        const count = peer.received - answeredCount;
        if (count > 0) peer.send(new Uint8Array(count));
        answeredCount = peer.received;
        return false;
      };
      void network.until(answer, { timeoutMs: PATIENCE_MS }).catch(() => {});
      void peer.ended.then(() => peer.end());
      return {
        get answeredCount() {
          return answeredCount;
        },
        begin: () => peer.resume(),
        gone: peer.closed,
      };
    },
    openBlackHole: () =>
      Promise.resolve({
        address: tcp(deaf.address, 80),
        close() {},
      }),
    endingOfAbort: "a reset",
    async startDyingPeer(address) {
      dying.restart();
      const peer = await connect(dying.adapter, address, eventually);
      peer.write(1, 2, 3, 4);
      await peer.has(1);
      dying.kill();
    },
    async settle() {
      const { counts } = core;
      peers.restart();
      await network.idle();
      const violations = network.violations.slice(violationCount);
      violationCount += violations.length;
      assert.deepEqual(violations, []);
      assert.deepEqual(counts, NOTHING);
    },
  };
}
