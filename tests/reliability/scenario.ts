import type { Simulation } from "../../mod.ts";
import type { Ground } from "./workloads.ts";
import { befall } from "./faults.ts";
import { connect } from "./opening.ts";
import type { Site } from "./chaos_node.ts";
import { World } from "./cluster.ts";

const HOSTS = ["alpha", "beta", "gamma"];
const PAUSES_MS = [0, 0.05, 1, 1, 10, 50, 200];
const LONGEST_TROUBLE_MS = 5000;
const PATIENCE = { timeoutMs: 600_000 };

/** One run on `ground`: hosts are started and connect to each other, there is trouble, and then all of it has to come to a good end. */
export async function play(sim: Simulation, ground: Ground): Promise<void> {
  const world = new World(sim, ground);
  await begin(world);
  await trouble(world);
  await settle(world);
  await end(world);
}

async function begin(world: World): Promise<void> {
  const { random } = world.sim;
  for (const name of HOSTS.slice(0, random.integer(1, HOSTS.length))) {
    world.sim.host(name, {
      writes: random.pick(["counts", "borrows", "mixed"]),
    });
    world.start(name);
  }
  await world.sim.until(() => world.sites.every((site) => site.isSettled));
  for (let i = random.integer(1, 4); i > 0; i--) {
    const site = random.pick(world.sites);
    const host = random.pick(world.hostNames);
    await fromOutside(site, () => connect(site, random, host));
  }
}

async function trouble(world: World): Promise<void> {
  const { sim, sim: { random } } = world;
  const end = sim.now() + LONGEST_TROUBLE_MS;
  while (world.hasActions && sim.now() < end) {
    await sim.sleep(random.pick(PAUSES_MS));
    if (random.chance(0.2)) {
      befall(world);
      continue;
    }
    const site = world.siteOn(random.pick(world.hostNames));
    if (!site.isDead) void fromOutside(site, () => world.act(site, random));
  }
  world.isTroubled = false;
}

/** No fault any more: everything that is sent arrives, and every command is carried out. */
async function settle(world: World): Promise<void> {
  const { sim } = world;
  sim.network.calm();
  await Promise.all(
    sitesAlive(world).map((site) =>
      fromOutside(site, () => {
        for (const end of site.ends) {
          end.outbox.sendDraft();
          end.resumeReading();
        }
      })
    ),
  );
  await drain(world);
  await sim.until(
    () => world.sites.every((site) => site.isSettled),
    { ...PATIENCE, what: "every command and every call to be answered" },
  );
  await sim.until(
    () => !world.ends.some((end) => end.isClosing),
    { ...PATIENCE, what: "the connections that close to be gone" },
  );
}

/** Resolves when everything is received that was sent on connections that nobody has closed. */
async function drain({ sim, links }: World): Promise<void> {
  const all = [...links.values()];
  try {
    await sim.until(() => !all.some((link) => link.isUnfinished), {
      ...PATIENCE,
      what: "everything that was sent to arrive",
    });
  } catch (error) {
    for (const link of all.filter((link) => link.isUnfinished)) {
      sim.log(`stuck: ${link}`);
    }
    throw error;
  }
}

/** All connections are closed, all runtimes stopped. */
async function end(world: World): Promise<void> {
  const { sim, sim: { random } } = world;
  const sites = sitesAlive(world);
  for (const site of sites) {
    await fromOutside(site, () => {
      for (const end of site.ends) {
        if (random.chance(0.5)) end.close(undefined);
      }
      if (!site.isStopped) site.stop(random);
    });
    await sim.sleep(random.pick(PAUSES_MS));
  }
  await sim.until(
    () => sites.every(isAtRest),
    { ...PATIENCE, what: "the runtimes to stop" },
  );
  if (sites.length === 0) return;
  const site = random.pick(sites);
  await fromOutside(site, () => site.useAfterStop(random));
  await sim.until(
    () => sites.every((site) => site.isSettled),
    { ...PATIENCE, what: "what is asked after the stop to fail" },
  );
}

function isAtRest({ isStopped, isSettled, isPolled }: Site): boolean {
  return isStopped && isSettled && !isPolled;
}

function sitesAlive({ sites }: World): Site[] {
  return sites.filter((site) => !site.isDead);
}

/** Has the process of `site` do something by itself. */
function fromOutside(site: Site, body: () => void): Promise<void> {
  return new Promise((resolve) =>
    site.runtime.adapter.endOfTurn(() => {
      site.inHandler("a call from outside", body);
      resolve();
    })
  );
}
