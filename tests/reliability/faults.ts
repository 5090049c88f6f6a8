import type { FailureKind, SimHost } from "../../mod.ts";
import { pickWeighted } from "./actions.ts";
import type { FaultName } from "./workloads.ts";
import type { Cluster } from "./cluster.ts";

type InjectFault = (cluster: Cluster, host: SimHost) => void;

const CONNECT_FAILURES: readonly FailureKind[] = [
  "refused",
  "unreachable",
  "timed-out",
  "exhausted",
];

const FAULTS: Readonly<Record<FaultName, InjectFault>> = {
  partition({ sim: { network, random }, hostNames }, host) {
    const other = random.chance(0.5) ? random.pick(hostNames) : undefined;
    network.partition(host, other, { oneWay: random.chance(0.3) });
  },
  heal: ({ sim }) => sim.network.heal(),
  reset(cluster, host) {
    cluster.hasReset = true;
    cluster.sim.network.resetConnections(host);
  },
  crash(cluster, host) {
    const node = cluster.nodeOn(host.name);
    if (!node.isDead) return node.crash();
    host.restart();
    cluster.start(host.name);
  },
  failAccepts({ sim: { random } }, host) {
    host.failAccepts(
      random.pick(["exhausted", "transient"]),
      random.integer(1, 3),
    );
  },
  failConnects({ sim: { random } }, host) {
    host.failConnects(random.pick(CONNECT_FAILURES));
  },
  freeze: ({ sim: { random } }, host) => host.pause(random.integer(1, 500)),
  jump({ sim: { random } }, host) {
    host.jumpWallClock(random.integer(-100_000, 100_000));
  },
  link({ sim: { network, random }, hostNames }, host) {
    network.setLink(host, random.pick(hostNames), {
      latencyMs: random.pick([0.1, 1, 20]),
      jitterMs: random.pick([0, 1, 10]),
      bytesPerSecond: random.pick([Infinity, 1_000_000]),
    });
  },
};

/** Injects one of the faults of the profile into a host. */
export function injectFault(cluster: Cluster): void {
  const { random } = cluster.sim;
  const name = pickWeighted(random, cluster.workload.profile.faults);
  cluster.sim.log(`fault: ${name}`);
  FAULTS[name](cluster, cluster.sim.host(random.pick(cluster.hostNames)));
}
