import type { SimRandom } from "../../mod.ts";
import type { End } from "./chaos_end.ts";
import type { ActionName } from "./workloads.ts";
import { connect, listen } from "./opening.ts";
import type { Site } from "./chaos_node.ts";

interface Actor {
  readonly site: Site;
  readonly random: SimRandom;
  /** Who is to act, if it is an end. */
  readonly end: End | undefined;
}

type Action = (actor: Actor) => void;

const ACTIONS: Readonly<Record<ActionName, Action>> = {
  send: ({ end }) => end?.outbox.send(),
  burst({ end, random }) {
    for (let i = random.integer(2, 10); i > 0; i--) end?.outbox.send();
    end?.outbox.sendDraft();
  },
  close: ({ end, random }) => end?.close(drawReason(random)),
  abort: ({ end, random }) => end?.abort(drawReason(random)),
  pause: ({ end }) => end?.pauseReading(),
  resume: ({ end }) => end?.resumeReading(),
  command: ({ site, random }) => site.command(random, drawDeed(random)),
  cancel: ({ site, random }) => site.commands.cancel(random),
  sendClose: ({ site, random }) => site.sendClose(random),
  connect: ({ site, random }) =>
    connect(site, random, random.pick(site.world.hostNames)),
  listener({ site, random }) {
    const { listener } = site;
    if (listener?.state === "open") site.sendClose(random, listener);
    else listen(site, random);
  },
  stop: ({ site, random }) => site.stop(random),
};

/** Does one of the things that the ground allows: with `end`, or with another one of its site. */
export function act(site: Site, random: SimRandom, end?: End): void {
  const name = pickWeighted(random, site.world.ground.temper.actions);
  const ends = [...site.ends];
  const isOther = end === undefined || random.chance(0.2);
  const actor = isOther && ends.length > 0 ? random.pick(ends) : end;
  site.world.sim.log(`${actor ?? site.name}: ${name}`);
  ACTIONS[name]({ site, random, end: actor });
}

/** One of the names, by weight. */
export function pickWeighted<Name extends string>(
  random: SimRandom,
  weights: Partial<Record<Name, number>>,
): Name {
  const entries = Object.entries(weights) as [Name, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.integer(0, 999) / 1000 * total;
  const found = entries.find(([, weight]) => (left -= weight) < 0);
  return (found ?? entries[0])[0];
}

function drawReason(random: SimRandom): Error | undefined {
  return random.chance(0.5) ? undefined : new Error("closed by its user");
}

function drawDeed(random: SimRandom): (end: End) => void {
  return random.pick([
    () => {},
    (end: End) => end.outbox.send(),
    (end: End) => end.resumeReading(),
  ]);
}
