/**
 * A flood: connections of the library with itself on which both ends send as
 * much as they can, in every way, and stop reading now and then. `flood SEED`
 * prints its report as one line of JSON, and exits. A process plays one flood,
 * since some things happen once in a process, such as its first write.
 */

import process from "node:process";
import { hostAdapter, SimRandom } from "../mod.ts";
import { FloodEnd } from "./flood_end.ts";
import { transportOf } from "./flood_transports.ts";
import { makeTag, type Side, sizeClassOf } from "./frames.ts";
import { SoakHarness } from "./harness.ts";
import { say } from "./lines.ts";
import type { FloodReport } from "./report.ts";
import { SoakNode } from "./soak_node.ts";

const MOST_CONNECTIONS = 4;
const MOST_FRAMES = { small: 20_000, mixed: 600, large: 40 };
const GRACE_MS = 5000;

const seed = Number(process.argv[2]);
const random = new SimRandom(seed);
const harness = new SoakHarness();
const transport = transportOf(seed);
const node = (isPolled: boolean) =>
  new SoakNode(harness, ownRandom(), isPolled);
const server = node(false);
const client = node(random.chance(0.3));

const watch = setInterval(() => harness.checkStuck(), 500);
const connections = random.integer(1, MOST_CONNECTIONS);
await Promise.all(Array.from({ length: connections }, () => connection()));
clearInterval(watch);
await Promise.all([server, client].map((node) => node.stop(GRACE_MS)));
harness.settle();
transport.remove();
await report();

/** A random whose values do not depend on when others draw theirs. */
function ownRandom(): SimRandom {
  return new SimRandom(random.integer(1, 2 ** 31));
}

async function connection(): Promise<void> {
  try {
    await floodOnce();
  } catch (error) {
    harness.tally.breaks(`it cannot begin: ${error}`);
  }
}

/** Floods one connection, on a listener of its own: so both ends know its tag. */
async function floodOnce(): Promise<void> {
  const tag = makeTag(harness.nextNumber(), {
    echo: false,
    sizeClass: random.integer(0, 3),
    raw: false,
  });
  const total = random.integer(1, MOST_FRAMES[sizeClassOf(tag)]);
  const end = (side: Side, node: SoakNode) =>
    new FloodEnd(harness, node, ownRandom(), side, tag, total);
  const accepting = end("server", server);
  const connecting = end("client", client);
  const { address } = await server.runtime.listen(
    transport.address(),
    transport.over({
      onNewConnection: () => ({ ...accepting.options, reactor: accepting }),
    }),
    transport.listening,
  );
  await client.runtime.connect(address, connecting, {
    ...connecting.options,
    ...transport.connecting,
  });
  await Promise.all([accepting.closed, connecting.closed]);
}

function report(): Promise<void> {
  const { tally } = harness;
  const report: FloodReport = {
    runtime: hostAdapter().name,
    seed,
    transport: transport.name,
    connections: tally.connections,
    messages: tally.messages,
    bytes: tally.bytes,
    completions: tally.completions,
    commands: tally.commands,
    faults: tally.faults,
    brokenCount: tally.brokenCount,
    broken: tally.broken,
  };
  return say(process.stdout, report);
}
