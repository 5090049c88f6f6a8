import { type Load, startGenerator } from "../generator.ts";
import { startServer } from "../server.ts";
import type { MemoryReport } from "../servers/host.ts";
import { type Experiment, startedAnew } from "./experiment.ts";

const LOAD: Load = {
  mode: "idle",
  connections: 10_000,
  inFlight: 1,
  size: 128,
};

const LIMIT_MS = 60_000;

/** The flag that lets a program trigger a garbage collection; Bun needs none. */
const GC_FLAGS: Readonly<Record<string, readonly string[]>> = {
  deno: ["--expose-gc"],
  bun: [],
  node: ["--expose-gc"],
};

/** The memory of connections that are idle after a first message. */
export const IDLE: Experiment = {
  name: "idle",
  title: "10,000 idle connections",
  subjects: () => ["raw", "Reactio"],
  rounds: ({ rounds }) => Math.min(rounds, 3),
  seconds: () => 3,

  prepare: startedAnew(async (runtime, server, settings) => {
    const running = await startServer(runtime, server, settings, {
      hasProbe: true,
      flags: GC_FLAGS[runtime],
    });
    const { program } = running;
    const probe = () => {
      program.tell("memory");
      return program.next<MemoryReport>(LIMIT_MS);
    };
    try {
      const before = await probe();
      const generator = startGenerator(running, LOAD, 1, settings);
      try {
        await generator.next(LIMIT_MS);
        const after = await probe();
        const each = (key: keyof MemoryReport) =>
          (after[key] - before[key]) / LOAD.connections;
        return {
          heap: each("heap"),
          external: each("external"),
          rss: each("rss"),
        };
      } finally {
        await generator.stop();
      }
    } finally {
      await program.stop();
    }
  }),
};
