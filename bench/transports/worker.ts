/** A thread of a pair with a way between them that is not Reactio's: what it is to do is the first message. */

import { parentPort } from "node:worker_threads";
import { openBatch } from "./batch.ts";
import { openEach } from "./each.ts";
import { Answerer, Asker, type Plan } from "./ends.ts";
import { writeReport } from "./report.ts";
import { openRing } from "./ring.ts";
import type { Channel, OpenWay } from "./way.ts";

/** What a thread is to do. */
export interface Setup {
  readonly plan: Plan;
  /** A key of `WAYS`. */
  readonly way: string;
  readonly channel: Channel;
  /** Where the thread that asks writes what it measured; the other one answers. */
  readonly report: SharedArrayBuffer | undefined;
}

const WAYS: Readonly<Record<string, OpenWay>> = {
  each: openEach,
  batch: openBatch,
  ring: openRing,
};

parentPort!.on("message", ({ plan, way, channel, report }: Setup) => {
  const end = report === undefined
    ? new Answerer(plan)
    : new Asker(plan, (values) => writeReport(report, values));
  end.start(WAYS[way](channel, (cmd) => end.receive(cmd)));
});
