import type { Load } from "../generator.ts";
import type { Experiment } from "./experiment.ts";
import {
  prepareTraffic,
  TRAFFIC_PREPARE_SECONDS,
  trafficSeconds,
} from "./traffic.ts";

/** The tested numbers of connections. */
export const CONNECTIONS = [1, 10, 100, 1000, 10_000];

/** The compared servers. A subject is a server with a number of connections. */
export const SERVERS = ["raw", "Reactio"];

/** The cost of a message as the number of connections grows. */
export const GROWTH: Experiment = {
  name: "growth",
  title: "As connections grow: 1 message of 128 B on each",
  subjects: () =>
    CONNECTIONS.flatMap((count) => SERVERS.map((it) => `${it} ${count}`)),
  rounds: ({ rounds }) => Math.ceil(rounds / 2),
  seconds: (_subject, settings) => trafficSeconds(settings),
  prepareSeconds: TRAFFIC_PREPARE_SECONDS,
  prepare(runtime, subject, settings) {
    const [server, count] = subject.split(" ");
    const load: Load = {
      mode: "echo",
      connections: Number(count),
      inFlight: 1,
      size: 128,
    };
    return prepareTraffic(runtime, server, load, settings);
  },
};
