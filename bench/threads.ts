/**
 * Measures one transport between two worker threads on this runtime, and prints
 * the result as one line of JSON: `threads.ts TRANSPORT KIND COMMANDS`.
 */

import process from "node:process";
import { MessageChannel, Worker } from "node:worker_threads";
import { ThreadedReactorMgr } from "../mod.ts";
import type { Plan } from "./transports/ends.ts";
import type reactors from "./transports/reactors.ts";
import { newSharedReport, readReport } from "./transports/report.ts";
import { newRing } from "./transports/ring.ts";
import type { Setup } from "./transports/worker.ts";

const IS_SOURCE = import.meta.url.endsWith(".ts");

/** Starts the measuring threads, and writes the report when they are done. */
type Start = (plan: Plan, report: SharedArrayBuffer) => void;

const TRANSPORTS: Readonly<Record<string, Start>> = {
  each: startWorkers("each"),
  batch: startWorkers("batch"),
  ring: startWorkers("ring"),
  reactio: startReactors(false),
  completion: startReactors(true),
};

const [transport, kind, commands] = process.argv.slice(2);
const report = newSharedReport();
TRANSPORTS[transport]({ kind, commands: Number(commands) }, report);
const alive = setInterval(() => {}, 1000); // keeps the process alive, which `waitAsync` does not
console.log(JSON.stringify(await readReport(report)));
clearInterval(alive);
process.exit(0);

function startWorkers(link: string): Start {
  return (plan, report) => {
    const { port1, port2 } = new MessageChannel();
    const [there, back] = [newRing(), newRing()];
    startWorker({
      plan,
      link,
      medium: { port: port1, outRing: there, inRing: back },
      report,
    });
    startWorker({
      plan,
      link,
      medium: { port: port2, outRing: back, inRing: there },
      report: undefined,
    });
  };
}

function startWorker(setup: Setup): void {
  const url = new URL(
    IS_SOURCE ? "./transports/worker.ts" : "./transports/worker.js",
    import.meta.url,
  );
  const worker = new Worker(url);
  worker.on("error", fail);
  worker.postMessage(setup, [setup.medium.port]);
}

function startReactors(hasCompletions: boolean): Start {
  return async (plan, report) => {
    const threads = await ThreadedReactorMgr.start<typeof reactors>({
      threads: 2,
      module: new URL(
        IS_SOURCE ? "./transports/reactors.ts" : "./transports/reactors.js",
        import.meta.url,
      ),
      onWorkerExit: ({ error }) => fail(error),
    });
    const setup = { plan, hasCompletions, report };
    threads.getCmdSender(1).sendListen("127.0.0.1:0", "receiver", setup, {
      completion(listening) {
        if (!listening.ok) return fail(listening.error);
        threads.getCmdSender(0).sendConnect(
          listening.localAddress!,
          "sender",
          setup,
        );
      },
    });
  };
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
