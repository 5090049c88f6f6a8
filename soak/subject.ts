/**
 * The first process of the soak: servers and clients of the library on the
 * current runtime. `subject SEED SECONDS PEERS` connects them with each other
 * and with the process that the command PEERS (JSON) starts, prints its report
 * as one line of JSON, and then exits by itself. It exits early when its input
 * ends.
 */

import process from "node:process";
import { hostAdapter, SimRandom } from "../mod.ts";
import { Chaos } from "./chaos.ts";
import { say } from "./lines.ts";
import { countSockets, measureMemory, type Memory } from "./memory.ts";
import { PeersProcess } from "./peers_process.ts";
import type { SoakReport } from "./report.ts";
import { runSlot, sleep } from "./slots.ts";
import { SoakHarness } from "./harness.ts";

const CLIENTS = 80;
const PLAIN_CLIENTS = 50;

/**
 * The time between two rests, of which there are at least two, in milliseconds.
 */
const SHORTEST_EPOCH_MS = 1000;
const LONGEST_EPOCH_MS = 8000;

/**
 * How long it may take to come to rest: longer than it takes to detect a stuck
 * end.
 */
const REST_MS = 45_000;

const seed = Number(process.argv[2]);
const seconds = Number(process.argv[3]);
const peersCommand: string[] = JSON.parse(process.argv[4]);

const harness = new SoakHarness();
const memory: Memory[] = [];
let mostOpen = 0;
let isReported = false;

process.stdin.on("end", () => {
  if (!isReported) process.exit(1);
}).resume();

const random = new SimRandom(seed * 1000 + 500);
const randoms = Array.from(
  { length: CLIENTS },
  (_, i) => new SimRandom(seed * 1000 + 501 + i),
);
const peers = new PeersProcess(
  [...peersCommand, String(seed * 1000), String(PLAIN_CLIENTS)],
  harness,
);
const peersAddress = await peers.address();
const watch = setInterval(() => {
  mostOpen = Math.max(mostOpen, harness.open.size);
  harness.checkStuck();
}, 500);
const end = performance.now() + seconds * 1000;
const leftMs = () => end - performance.now();
while (memory.length < 2 || leftMs() > SHORTEST_EPOCH_MS) {
  const wanted = memory.length === 0 ? leftMs() / 2 : leftMs();
  await playAndRest(
    Math.max(SHORTEST_EPOCH_MS, Math.min(wanted, LONGEST_EPOCH_MS)),
  );
  memory.push(await measureMemory());
}
clearInterval(watch);
await peers.end();
await checkSockets();
await report();

async function playAndRest(ms: number): Promise<void> {
  harness.isResting = false;
  const chaos = new Chaos(
    harness,
    random,
    peersAddress,
    (port) => peers.play(port),
  );
  await chaos.start();
  const busy = [chaos.run()];
  for (const own of randoms) busy.push(runSlot(harness, chaos, own));
  await sleep(ms);
  harness.isResting = true;
  const late = setTimeout(giveUp, REST_MS);
  await Promise.all(busy);
  await peers.rest();
  await chaos.stop(5000);
  clearTimeout(late);
  harness.settle();
}

async function giveUp(): Promise<void> {
  const open = [...harness.open].map((end) => end.describe());
  harness.tally.breaks(`it does not come to rest: ${open.join("\n    ")}`);
  memory.push(await measureMemory());
  await report();
  process.exit(1);
}

/** A runtime may take a moment to close its last sockets. */
async function checkSockets(): Promise<void> {
  for (let i = 0; i < 100 && (countSockets() ?? 0) > 0; i++) await sleep(20);
  const left = countSockets() ?? 0;
  if (left > 0) harness.tally.breaks(`${left} sockets are left`);
}

function report(): Promise<void> {
  const { connections, messages, bytes, completions, commands } = harness.tally;
  const { faults, brokenCount: countBroken, broken } = harness.tally;
  const report: SoakReport = {
    runtime: hostAdapter().name,
    seed,
    seconds,
    mostOpen,
    connections,
    messages,
    bytes,
    completions,
    commands,
    faults,
    brokenCount: countBroken,
    broken,
    memory,
  };
  isReported = true;
  return say(process.stdout, report);
}
