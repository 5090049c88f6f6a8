/**
 * One of two threads with a link that is not Reactio's. The first message
 * contains its task.
 */

import { parentPort } from "node:worker_threads";
import { openBatch } from "./batch.ts";
import { openEach } from "./each.ts";
import { CheckingEnd, MeasuringEnd, type Plan } from "./ends.ts";
import { writeReport } from "./report.ts";
import { openRing } from "./ring.ts";
import type { LinkMedium, OpenLink } from "./link.ts";

/** The task of a thread. */
export interface Setup {
  readonly plan: Plan;
  /** A key of `LINKS`. */
  readonly link: string;
  readonly medium: LinkMedium;
  /**
   * Where the measuring thread writes its result; undefined for the other one,
   * which answers.
   */
  readonly report: SharedArrayBuffer | undefined;
}

const LINKS: Readonly<Record<string, OpenLink>> = {
  each: openEach,
  batch: openBatch,
  ring: openRing,
};

parentPort!.on("message", ({ plan, link, medium, report }: Setup) => {
  const end = report === undefined
    ? new CheckingEnd(plan)
    : new MeasuringEnd(plan, (values) => writeReport(report, values));
  end.start(LINKS[link](medium, (cmd) => end.receive(cmd)));
});
