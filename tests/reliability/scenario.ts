import type { Simulation } from "../../mod.ts";
import type { Workload } from "./workloads.ts";
import { injectFault } from "./faults.ts";
import { connect } from "./opening.ts";
import type { ChaosNode } from "./chaos_node.ts";
import { Cluster } from "./cluster.ts";

const HOSTS = ["alpha", "beta", "gamma"];
const PAUSES_MS = [0, 0.05, 1, 1, 10, 50, 200];
const LONGEST_DISRUPTION_MS = 5000;
const PATIENCE = { timeoutMs: 600_000 };

/** One run of `workload`: nodes start and connect to each other, are disrupted, and must then come to a good end. */
export async function play(sim: Simulation, workload: Workload): Promise<void> {
  const cluster = new Cluster(sim, workload);
  await begin(cluster);
  await disrupt(cluster);
  await settle(cluster);
  await end(cluster);
}

async function begin(cluster: Cluster): Promise<void> {
  const { random } = cluster.sim;
  for (const name of HOSTS.slice(0, random.integer(1, HOSTS.length))) {
    cluster.sim.host(name, {
      writes: random.pick(["counts", "borrows", "mixed"]),
    });
    cluster.start(name);
  }
  await cluster.sim.until(() => cluster.nodes.every((node) => node.isSettled));
  for (let i = random.integer(1, 4); i > 0; i--) {
    const node = random.pick(cluster.nodes);
    const host = random.pick(cluster.hostNames);
    await fromOutside(node, () => connect(node, random, host));
  }
}

async function disrupt(cluster: Cluster): Promise<void> {
  const { sim, sim: { random } } = cluster;
  const end = sim.now() + LONGEST_DISRUPTION_MS;
  while (cluster.hasActions && sim.now() < end) {
    await sim.sleep(random.pick(PAUSES_MS));
    if (random.chance(0.2)) {
      injectFault(cluster);
      continue;
    }
    const node = cluster.nodeOn(random.pick(cluster.hostNames));
    if (!node.isDead) void fromOutside(node, () => cluster.act(node, random));
  }
  cluster.isDisrupted = false;
}

/** Without further faults, everything that was sent must arrive, and every command be executed. */
async function settle(cluster: Cluster): Promise<void> {
  const { sim } = cluster;
  sim.network.endFaults();
  await Promise.all(
    liveNodes(cluster).map((node) =>
      fromOutside(node, () => {
        for (const end of node.ends) {
          end.sender.sendDraft();
          end.resumeReading();
        }
      })
    ),
  );
  await drain(cluster);
  await sim.until(
    () => cluster.nodes.every((node) => node.isSettled),
    { ...PATIENCE, what: "every command and every call to be answered" },
  );
  await sim.until(
    () => !cluster.ends.some((end) => end.isClosing),
    { ...PATIENCE, what: "the connections that close to be gone" },
  );
}

/** Resolves when everything that was sent on open connections has arrived. */
async function drain({ sim, pairs }: Cluster): Promise<void> {
  const all = [...pairs.values()];
  try {
    await sim.until(() => !all.some((pair) => pair.isUnfinished), {
      ...PATIENCE,
      what: "everything that was sent to arrive",
    });
  } catch (error) {
    for (const pair of all.filter((pair) => pair.isUnfinished)) {
      sim.log(`stuck: ${pair}`);
    }
    throw error;
  }
}

/** Closes all connections and stops all runtimes. */
async function end(cluster: Cluster): Promise<void> {
  const { sim, sim: { random } } = cluster;
  const nodes = liveNodes(cluster);
  for (const node of nodes) {
    await fromOutside(node, () => {
      for (const end of node.ends) {
        if (random.chance(0.5)) end.close(undefined);
      }
      if (!node.isStopped) node.stop(random);
    });
    await sim.sleep(random.pick(PAUSES_MS));
  }
  await sim.until(
    () => nodes.every(isAtRest),
    { ...PATIENCE, what: "the runtimes to stop" },
  );
  if (nodes.length === 0) return;
  const node = random.pick(nodes);
  await fromOutside(node, () => node.useAfterStop(random));
  await sim.until(
    () => nodes.every((node) => node.isSettled),
    { ...PATIENCE, what: "what is asked after the stop to fail" },
  );
}

function isAtRest({ isStopped, isSettled, isPolled }: ChaosNode): boolean {
  return isStopped && isSettled && !isPolled;
}

function liveNodes({ nodes }: Cluster): ChaosNode[] {
  return nodes.filter((node) => !node.isDead);
}

/** Has the process of `node` do something outside of any handler. */
function fromOutside(node: ChaosNode, body: () => void): Promise<void> {
  return new Promise((resolve) =>
    node.runtime.adapter.endOfTurn(() => {
      node.inHandler("a call from outside", body);
      resolve();
    })
  );
}
