import type { SimRandom } from "../../mod.ts";
import type { ChaosEnd } from "./chaos_end.ts";
import type { ActionName } from "./workloads.ts";
import { connect, listen } from "./opening.ts";
import type { ChaosNode } from "./chaos_node.ts";

interface Actor {
  readonly node: ChaosNode;
  readonly random: SimRandom;
  /** The end that acts, if there is one. */
  readonly end: ChaosEnd | undefined;
}

type Action = (actor: Actor) => void;

const ACTIONS: Readonly<Record<ActionName, Action>> = {
  send: ({ end }) => end?.sender.send(),
  burst({ end, random }) {
    for (let i = random.integer(2, 10); i > 0; i--) end?.sender.send();
    end?.sender.sendDraft();
  },
  close: ({ end, random }) => end?.close(drawReason(random)),
  abort: ({ end, random }) => end?.abort(drawReason(random)),
  pause: ({ end }) => end?.pauseReading(),
  resume: ({ end }) => end?.resumeReading(),
  command: ({ node, random }) => node.command(random, drawEffect(random)),
  cancel: ({ node, random }) => node.commands.cancel(random),
  sendClose: ({ node, random }) => node.sendClose(random),
  connect: ({ node, random }) =>
    connect(node, random, random.pick(node.cluster.hostNames)),
  listener({ node, random }) {
    const { listener } = node;
    if (listener?.state === "open") node.sendClose(random, listener);
    else listen(node, random);
  },
  stop: ({ node, random }) => node.stop(random),
};

/**
 * Performs a random action of the profile: with `end`, or with another end on
 * its node.
 */
export function act(node: ChaosNode, random: SimRandom, end?: ChaosEnd): void {
  const name = pickWeighted(random, node.cluster.workload.profile.actions);
  const ends = [...node.ends];
  const isOther = end === undefined || random.chance(0.2);
  const actor = isOther && ends.length > 0 ? random.pick(ends) : end;
  node.cluster.sim.log(`${actor ?? node.name}: ${name}`);
  ACTIONS[name]({ node, random, end: actor });
}

/** Picks one of the names by weight. */
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

function drawEffect(random: SimRandom): (end: ChaosEnd) => void {
  return random.pick([
    () => {},
    (end: ChaosEnd) => end.sender.send(),
    (end: ChaosEnd) => end.resumeReading(),
  ]);
}
