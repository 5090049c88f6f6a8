import {
  crashedEnvelope,
  failedEnvelope,
  type StartEnvelope,
} from "../link/envelope.ts";
import { BufferedPort } from "../link/buffered_port.ts";
import type { Port } from "../link/port.ts";
import type { ReactorModule } from "../reactor_module.ts";
import type { WorkerSetup } from "./worker_setup.ts";
import { WorkerThread } from "./worker_thread.ts";
import { exitWorker, workerProcess } from "../worker_threads.ts";

/** Gets the module of reactors for a thread. */
export type LoadReactors = (
  setup: WorkerSetup,
) => ReactorModule | Promise<ReactorModule>;

/** Makes this worker, whose parent is at `port`, a thread of a `ThreadedReactorMgr`. */
export function becomeThread(port: Port, load: LoadReactors): void {
  const process = workerProcess();
  const crash = (thrown: unknown) => {
    port.postMessage(crashedEnvelope(thrown));
    exitWorker();
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const parent = new BufferedPort(port);
  parent.first.then((envelope) =>
    start(envelope as StartEnvelope, parent, load)
  );
}

/** Becomes the thread that `envelope` describes. */
async function start(
  envelope: StartEnvelope,
  parent: BufferedPort,
  load: LoadReactors,
): Promise<void> {
  const { setup } = envelope.message;
  try {
    const thread = new WorkerThread(setup, await load(setup), parent);
    thread.serve();
  } catch (error) {
    parent.postMessage(failedEnvelope(envelope, error));
  }
}
