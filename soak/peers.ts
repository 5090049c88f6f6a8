/**
 * The second process of the soak: plain sockets that connect to the library,
 * and a server of plain sockets to which it connects. Both inject faults. It
 * communicates with the first process in lines of JSON, and exits when its
 * input ends.
 */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { SimRandom } from "../mod.ts";
import { LARGE, makeTag } from "./frames.ts";
import type { EndReport } from "./connection_ledger.ts";
import { type FromPeers, hear, say, type ToPeers } from "./lines.ts";
import { RawEnd } from "./raw_end.ts";
import { greedyPlan, type RawPlan, rawPlan } from "./raw_plan.ts";
import { SoakTally } from "./soak_tally.ts";

const [seed, clients] = process.argv.slice(2).map(Number);

const LONGEST_BREAK_MS = 60;
const STUCK_MS = 20_000;
const QUIET_MS = 200;
const STEP_MS = 20;

const HOST = "127.0.0.1";

let tally = new SoakTally();
let tagCount = 0;
/** The port of the library; `undefined` while this process rests. */
let port: number | undefined;
let busyCount = 0;
const open = new Set<RawEnd>();

const tell = (message: FromPeers) => void say(process.stdout, message);

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs one end on `socket` until it has closed. */
function play(
  socket: Socket,
  tag: number | undefined,
  plan: RawPlan,
  random: SimRandom,
): Promise<void> {
  return new Promise((resolve) => {
    const onEnd = (end: EndReport | undefined) => {
      open.delete(raw);
      if (end !== undefined) tell({ end });
      resolve();
    };
    const raw = new RawEnd(socket, tag, plan, random, tally, onEnd);
    open.add(raw);
  });
}

/** Connects over and over. */
async function client(random: SimRandom): Promise<void> {
  busyCount++;
  while (port !== undefined) {
    await connectOnce(port, random);
    await sleep(random.integer(0, LONGEST_BREAK_MS));
  }
  busyCount--;
}

async function connectOnce(port: number, random: SimRandom): Promise<void> {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  if (random.chance(0.03)) {
    tally.fault("left while connecting");
    socket.on("error", () => {});
    socket.destroy();
    return;
  }
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  if (!isOpen) return tally.fault("plain connect refused");
  const isGreedy = random.chance(0.05);
  const tag = makeTag(++tagCount, {
    echo: random.chance(0.4),
    sizeClass: isGreedy ? LARGE : random.integer(0, 3),
    raw: true,
  });
  const plan = isGreedy ? greedyPlan(random) : rawPlan(random);
  await play(socket, tag, plan, random);
}

/**
 * Reports the rest once everything has been over for a while, because the last
 * connects may still arrive.
 */
async function rest(): Promise<void> {
  for (const raw of open) raw.rest();
  for (let quietMs = 0; quietMs < QUIET_MS; quietMs += STEP_MS) {
    if (busyCount > 0 || open.size > 0) quietMs = 0;
    await sleep(STEP_MS);
  }
  const counts = tally;
  tally = new SoakTally();
  tell({ rested: counts });
}

function checkStuck(): void {
  for (const raw of open) {
    if (performance.now() - raw.lastProgress < STUCK_MS) continue;
    tally.breaks(`nothing happens any more: ${raw.describe()}`);
    raw.destroy();
  }
}

const serverRandom = new SimRandom(seed);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  void play(socket, undefined, rawPlan(serverRandom), serverRandom);
});
server.listen(0, HOST, () => {
  tell({ port: (server.address() as AddressInfo).port });
});
setInterval(checkStuck, 1000);

// The first process has exited.
process.stdout.on("error", () => process.exit());

const randoms = Array.from(
  { length: clients },
  (_, i) => new SimRandom(seed + 1 + i),
);
hear<ToPeers>(process.stdin, (message) => {
  const wasResting = port === undefined;
  port = message.port;
  if (port === undefined) {
    void rest();
  } else if (wasResting) {
    for (const random of randoms) void client(random);
  }
}, () => process.exit());
