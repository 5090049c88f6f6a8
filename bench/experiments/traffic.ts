/**
 * Servers under load: one process each, running at the same time and loaded by
 * turns.
 */

import { type Load, runGenerator } from "../generator.ts";
import { startServer } from "../server.ts";
import {
  type Settings,
  SETTLE_SECONDS,
  START_SECONDS,
  WARM_UP_SECONDS,
} from "../settings.ts";
import type { Experiment, Prepared } from "./experiment.ts";

const KIB = 1024;
const MIB = 1024 * 1024;

/** Starts a server and warms it up; each measurement then loads it for some seconds. */
export async function prepareTraffic(
  runtime: string,
  server: string,
  load: Load,
  settings: Settings,
): Promise<Prepared> {
  const isSink = load.mode === "sink";
  const running = await startServer(runtime, server, settings, { isSink });
  const run = (seconds: number) =>
    runGenerator(running, load, seconds, settings);
  try {
    await run(WARM_UP_SECONDS);
  } catch (error) {
    await running.program.stop();
    throw error;
  }
  return {
    measure: async () => ({ ...await run(settings.seconds) }),
    end: () => running.program.stop(),
  };
}

/** Seconds that `prepareTraffic` takes. */
export const TRAFFIC_PREPARE_SECONDS = START_SECONDS + WARM_UP_SECONDS;

/** Seconds that loading a server once takes. */
export function trafficSeconds({ seconds }: Settings): number {
  return START_SECONDS / 2 + SETTLE_SECONDS + seconds;
}

/** An experiment with servers under `load`. */
export function traffic(
  name: string,
  title: string,
  load: Load,
  subjects: Experiment["subjects"],
): Experiment {
  return {
    name,
    title,
    subjects,
    rounds: ({ rounds }) => rounds,
    seconds: (_subject, settings) => trafficSeconds(settings),
    prepareSeconds: TRAFFIC_PREPARE_SECONDS,
    prepare: (runtime, server, settings) =>
      prepareTraffic(runtime, server, load, settings),
  };
}

function echo(
  name: string,
  title: string,
  connections: number,
  inFlight: number,
  size: number,
): Experiment {
  const load: Load = { mode: "echo", connections, inFlight, size };
  return traffic(
    name,
    title,
    load,
    (runtime) => [
      "raw",
      "careful",
      "naive",
      ...(runtime === "deno" ? ["raw node:net"] : []),
      ...(runtime === "bun" && inFlight > 1 ? ["raw, 400 ns late"] : []),
      "Reactio",
    ],
  );
}

/** Echo, one-way traffic, and short-lived connections. */
export const TRAFFIC: readonly Experiment[] = [
  echo("1x1x32", "1 connection × 1 message of 32 B", 1, 1, 32),
  echo("50x16x128", "50 connections × 16 messages of 128 B", 50, 16, 128),
  echo("50x64x32", "50 connections × 64 messages of 32 B", 50, 64, 32),
  echo("500x1x128", "500 connections × 1 message of 128 B", 500, 1, 128),
  echo("4x1x64K", "4 connections × 1 message of 64 KiB", 4, 1, 64 * KIB),
  traffic(
    "4x1M",
    "4 connections, messages of 1 MiB one way",
    { mode: "sink", connections: 4, inFlight: 1, size: MIB },
    () => ["raw", "careful", "Reactio"],
  ),
  traffic(
    "churn",
    "Connect, echo of 128 B, close: 50 at a time",
    { mode: "churn", connections: 50, inFlight: 1, size: 128 },
    () => ["raw", "careful", "Reactio"],
  ),
];
