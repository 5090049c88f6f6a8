import type { FailureKind, SimHost } from "../../mod.ts";
import { pickWeighted } from "./actions.ts";
import type { MishapName } from "./workloads.ts";
import type { World } from "./cluster.ts";

type Mishap = (world: World, host: SimHost) => void;

const CONNECT_FAILURES: readonly FailureKind[] = [
  "refused",
  "unreachable",
  "timed-out",
  "exhausted",
];

const MISHAPS: Readonly<Record<MishapName, Mishap>> = {
  partition({ sim: { network, random }, hostNames }, host) {
    const other = random.chance(0.5) ? random.pick(hostNames) : undefined;
    network.partition(host, other, { oneWay: random.chance(0.3) });
  },
  heal: ({ sim }) => sim.network.heal(),
  reset(world, host) {
    world.hasReset = true;
    world.sim.network.reset(host);
  },
  crash(world, host) {
    const site = world.siteOn(host.name);
    if (!site.isDead) return site.crash();
    host.restart();
    world.start(host.name);
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
    network.link(host, random.pick(hostNames), {
      latencyMs: random.pick([0.1, 1, 20]),
      jitterMs: random.pick([0, 1, 10]),
      bytesPerSecond: random.pick([Infinity, 1_000_000]),
    });
  },
};

/** One of the things that the ground allows befalls a host. */
export function befall(world: World): void {
  const { random } = world.sim;
  const name = pickWeighted(random, world.ground.temper.mishaps);
  world.sim.log(`mishap: ${name}`);
  MISHAPS[name](world, world.sim.host(random.pick(world.hostNames)));
}
