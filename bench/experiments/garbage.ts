import { type Load, runGenerator } from "../generator.ts";
import { type ServerOptions, startServer } from "../server.ts";
import { type Experiment, startedAnew } from "./experiment.ts";

/**
 * Messages in flight, and so roughly per read. Two values separate what is
 * allocated per read from what is allocated per message.
 */
export const FEW = 16;
export const MANY = 64;

const MESSAGES = 10_000_000;

/** Time limit for the slowest server, in seconds. */
const MAX_SECONDS = 60;

/** How a runtime logs each collection: the size of the heap before and after it, in units of `unit` bytes. */
interface GarbageTrace extends ServerOptions {
  readonly line: RegExp;
  readonly unit: number;
}

const V8: GarbageTrace = {
  flags: ["--trace-gc"],
  line: / ms: [\w() -]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) /,
  unit: 2 ** 20,
};

const JAVA_SCRIPT_CORE: GarbageTrace = {
  env: { BUN_JSC_logGC: "1" },
  line: /START M (\d+)kb => .* => (\d+)kb/,
  unit: 1024,
};

const TRACES: Readonly<Record<string, GarbageTrace>> = {
  deno: V8,
  bun: JAVA_SCRIPT_CORE,
  node: V8,
};

/** Bytes that the engine allocates and collects over ten million messages. */
export const GARBAGE: Experiment = {
  name: "garbage",
  title: "Garbage of 10 million messages of 128 B, 16 or 64 on 50 connections",
  subjects: () =>
    [FEW, MANY].flatMap((count) => [`raw ${count}`, `Reactio ${count}`]),
  rounds: () => 1,
  seconds: () => 8,

  prepare: startedAnew(async (runtime, subject, settings) => {
    const [server, inFlight] = subject.split(" ");
    const load: Load = {
      mode: "echo",
      connections: 50,
      inFlight: Number(inFlight),
      size: 128,
      messages: MESSAGES,
    };
    const { line: pattern, unit, ...options } = TRACES[runtime];
    let collections = 0;
    let allocated = 0;
    let after: number | undefined;
    const onLine = (line: string) => {
      const match = pattern.exec(line);
      if (match === null) return;
      collections++;
      const before = Number(match[1]) * unit;
      allocated += Math.max(0, before - (after ?? before));
      after = Number(match[2]) * unit;
    };
    const running = await startServer(runtime, server, settings, {
      ...options,
      onLine,
    });
    try {
      collections = 0;
      const report = await runGenerator(running, load, MAX_SECONDS, settings);
      return {
        messages: report.total,
        collectionsPerMillion: collections / report.total * 1e6,
        bytesPerMessage: allocated / report.total,
      };
    } finally {
      await running.program.stop();
    }
  }),
};
