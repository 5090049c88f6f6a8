/**
 * Shows where a server on Bun spends its time: in the kernel, in the runtime,
 * and in JavaScript, down to the machine instructions that the engine compiled
 * it to: `npm run bench:profile -- 500x1x128`. Needs perf.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { buildGenerator, type Load, runGenerator } from "./generator.ts";
import { compiledCode, type CompiledFunction } from "./jit_dump.ts";
import { Program } from "./process.ts";
import { startServer } from "./server.ts";
import { canPin } from "./settings.ts";

/** Samples per second. */
const FREQUENCY = 4999;

const SECONDS = 4;

/** Functions and instructions with less than this share are not shown. */
const SMALLEST_SHARE = 0.002;

const [loadName = "500x1x128", server = "Reactio"] = process.argv.slice(2);
const settings = { rounds: 1, seconds: SECONDS, pin: canPin() };
const folder = mkdtempSync(`${tmpdir()}/profile-`);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
if (spawnSync("perf", ["--version"]).status !== 0) {
  console.error("The profile needs perf: install it (Debian: linux-perf).");
  process.exit(1);
}
buildGenerator();
print(await record());

/** Parses `connections x messages in flight per connection x message size`. */
function parseLoad(text: string): Load {
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text);
  if (match === null) throw new Error(`${text} is no load like 50x16x128.`);
  const [connections, inFlight, size] = match.slice(1).map(Number);
  return { mode: "echo", connections, inFlight, size };
}

/** A sampled position of the processor. */
interface StackSample {
  readonly address: bigint;
  /** True for kernel code. */
  readonly isSystem: boolean;
}

async function record(): Promise<StackSample[]> {
  const running = await startServer("bun", server, settings, {
    env: { BUN_JSC_useJITDump: "1", BUN_JSC_jitDumpDirectory: folder },
  });
  const load = parseLoad(loadName);
  await runGenerator(running, load, 1, settings);
  const perf = new Program([
    ...["perf", "record", "--quiet", "-e", "cpu-clock"],
    ...["-F", String(FREQUENCY), "-o", `${folder}/perf.data`],
    ...["-p", String(running.pid), "--", "sleep", String(SECONDS - 1)],
  ]);
  await runGenerator(running, load, SECONDS, settings);
  await perf.stop("SIGINT");
  await running.program.stop();
  const { stdout } = spawnSync(
    "perf",
    ["script", "-i", `${folder}/perf.data`, "-F", "ip,dso"],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  return stdout.split("\n").filter((it) => it.trim() !== "").map((line) => {
    const [address, place] = line.trim().split(" ");
    return {
      address: BigInt(`0x${address}`),
      isSystem: place.startsWith("([kernel"),
    };
  });
}

function print(samples: readonly StackSample[]): void {
  const dump = readdirSync(folder).find((it) => it.endsWith(".dump"));
  const code = dump === undefined ? [] : compiledCode(`${folder}/${dump}`);
  const byFunction = new Map<CompiledFunction, Map<bigint, number>>();
  let inCode = 0;
  for (const { address } of samples) {
    // Newer code may have the address of older code.
    const it = code.findLast((it) =>
      it.start <= address && address < it.start + it.size
    );
    if (it === undefined) continue;
    inCode++;
    let counts = byFunction.get(it);
    if (counts === undefined) byFunction.set(it, counts = new Map());
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  const share = (count: number) =>
    `${(count / samples.length * 100).toFixed(2)} %`.padStart(8);
  const inSystem = samples.filter((it) => it.isSystem).length;
  console.log(`${server} at ${loadName}: ${samples.length} samples`);
  console.log(`${share(inSystem)}  in the system`);
  console.log(`${share(samples.length - inSystem - inCode)}  in the runtime`);
  console.log(`${share(inCode)}  in code made of JavaScript, of these:`);
  const functions = [...byFunction].map(([{ name, size, start }, counts]) => ({
    name,
    size,
    start,
    counts,
    total: [...counts.values()].reduce((sum, it) => sum + it, 0),
  })).sort((a, b) => b.total - a.total);
  for (const { name, size, start, counts, total } of functions) {
    if (total < samples.length * SMALLEST_SHARE) break;
    console.log(`${share(total)}  ${name}, ${size} B`);
    for (const [address, count] of [...counts].sort(([, a], [, b]) => b - a)) {
      if (count < samples.length * SMALLEST_SHARE) break;
      console.log(`${share(count)}      at byte ${address - start}`);
    }
  }
}
