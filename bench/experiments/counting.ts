/** The cost of counting and timing messages for the stats. */

import { RUNTIMES } from "../programs.ts";
import { asServer } from "../settings.ts";
import { makeUncounted, UNCOUNTED } from "../uncounted.ts";
import { type Experiment, startedAnew } from "./experiment.ts";
import { measureProgram } from "./in_process.ts";
import { traffic } from "./traffic.ts";

let isMade = false;

/** Creates the copy without counters, once. */
function prepareUncounted(): void {
  if (!isMade) makeUncounted();
  isMade = true;
}

const ECHO = traffic(
  "counting",
  "Echo of 128 B, 50 connections × 16: without the stats, and with them",
  { mode: "echo", connections: 50, inFlight: 16, size: 128 },
  () => ["Reactio, uncounted", "Reactio"],
);

/** Under load, and with the library alone. */
export const COUNTING: readonly Experiment[] = [
  {
    ...ECHO,
    prepare(...subject) {
      prepareUncounted();
      return ECHO.prepare(...subject);
    },
  },
  {
    name: "counting-alone",
    title: "The library alone, by messages of a read: without stats, and with",
    subjects: () =>
      [16, 1].flatMap((inRead) => [`uncounted ${inRead}`, `counted ${inRead}`]),
    rounds: ({ rounds }) => rounds,
    seconds: () => 3,
    prepare: startedAnew(async (runtime, subject, settings) => {
      const [how, inRead] = subject.split(" ");
      const isCounted = how === "counted";
      if (!isCounted) prepareUncounted();
      const { cpuNs, counted } = await measureProgram(
        asServer(settings, [...RUNTIMES[runtime]("in_process/echo"), inRead]),
        isCounted ? undefined : UNCOUNTED,
      );
      if (counted !== Number(isCounted)) {
        throw new Error(`The stats have ${counted} of the messages`);
      }
      return { cpuNs };
    }),
  },
];
