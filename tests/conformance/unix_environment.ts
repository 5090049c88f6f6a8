import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Adapter, nodeAdapter, type SimNetwork } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { realEnvironment } from "./real_environment.ts";
import { simEnvironment } from "./sim_environment.ts";
import { SimPeer } from "./sim_peer.ts";

/** An environment with Unix sockets. */
export interface UnixEnvironment extends Environment {
  /** The folder of its sockets. */
  readonly folder: string;
  /** Called after each test: checks that nothing is left. */
  readonly settle: () => void | Promise<void>;
  /** Called after the last test. */
  readonly remove: () => void;
}

/** The Unix sockets of this machine, with `adapter`. */
export function realUnixEnvironment(adapter: Adapter): UnixEnvironment {
  const folder = mkdtempSync(join(tmpdir(), "reactio-"));
  const numbers = counter();
  return {
    ...realEnvironment(adapter),
    folder,
    get anyPort() {
      return `unix:${folder}/${numbers()}.sock`;
    },
    hosts: [],
    moreThanHeld: 8 * 2 ** 20,
    // A close is a reset only for an end with unread bytes.
    endingOfAbort: "FIN",
    settle: () => assert.deepEqual(readdirSync(folder), []),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The Unix sockets of a simulated host, on which the peers are, too. */
export function simUnixEnvironment(network: SimNetwork): UnixEnvironment {
  const { adapter } = network.host("core");
  const environment = simEnvironment(network);
  const numbers = counter();
  const peers = new Set<SimPeer>();
  const connectPeer: Environment["connectPeer"] = async (address) => {
    const { eventually } = environment;
    const peer = await SimPeer.connect(adapter, address, eventually);
    peers.add(peer);
    return peer;
  };
  return {
    ...environment,
    folder: "/run",
    get anyPort() {
      return `unix:/run/${numbers()}.sock`;
    },
    hosts: [],
    connectPeer,
    async dropped(address) {
      const peer = await connectPeer(address);
      await Promise.race([peer.ended, peer.closed]);
      peer.end();
      await peer.closed;
      assert.equal(peer.received, 0, "it is served");
    },
    async startDyingPeer(address) {
      const peer = await connectPeer(address);
      peer.write(1, 2, 3, 4);
      await peer.has(1);
      peer.end();
    },
    async settle() {
      for (const peer of peers) peer.destroy();
      await Promise.all(Array.from(peers, ({ closed }) => closed));
      peers.clear();
      await environment.settle();
    },
    remove() {},
  };
}

/** Adapters whose Unix sockets can be tested. */
export function unixAdapters(host: Adapter): Adapter[] {
  return host === nodeAdapter ? [host] : [host, nodeAdapter];
}

function counter(): () => number {
  let count = 0;
  return () => ++count;
}
