import type { WorkerExitedError } from "../../api/errors.ts";
import type { StopSettings } from "../../api/options/stop.ts";
import type { Engine } from "../../core/engine.ts";
import type { RuntimeStats } from "../../stats/stats.ts";
import { logError, logLevel } from "../../util/log.ts";
import { oneLine } from "../../util/one_line.ts";
import { watchPromise } from "../../util/promises.ts";
import { messageOf } from "../../util/text.ts";
import type { Control } from "../link/control.ts";
import { errorRecord } from "../link/error_record.ts";
import type { PeerThreads } from "../link/peer_threads.ts";
import type { Port } from "../link/port.ts";
import type {
  ThreadedReactorSettings,
  WorkerExit,
} from "../threaded_reactor_options.ts";
import type { WorkerSetup } from "../worker/worker_setup.ts";
import { workerThreads } from "../worker_threads.ts";
import { OrderedStop } from "./ordered_stop.ts";
import { Restarts } from "./restarts.ts";
import { stopGroups } from "./stop_order.ts";
import { within } from "./within.ts";
import { type WorkerEvents, WorkerHandle } from "./worker_handle.ts";
import { END_MARGIN_MS } from "../../tuning.ts";

/** What the pool needs of the manager, and reports to it. */
export interface WorkerPoolHost {
  readonly engine: Engine<unknown>;
  readonly peers: PeerThreads;
  /** See {@linkcode WorkerEvents.onMessage}. */
  readonly onMessage: WorkerEvents["onMessage"];
  /** The worker of a runtime has stopped gracefully, and reports its final statistics. */
  onStopped(runtimeId: number, stats: RuntimeStats): void;
  /** The names that a worker starts with. */
  names(): WorkerSetup["names"];
  /** The worker of a runtime is gone, and the other workers know it. `isByItself` is false if it was stopped. */
  onLost(runtimeId: number, isByItself: boolean): void;
  /** A worker that replaces a lost one is ready. */
  onReplaced(runtimeId: number): Promise<void>;
  /** No worker is left, and none will come. */
  onEmpty(): void;
}

/** The workers: starts them, replaces those that end, and ends them. */
export class WorkerPool {
  readonly #settings: ThreadedReactorSettings;
  readonly #host: WorkerPoolHost;
  /** The current workers, by runtime. */
  readonly #workers = new Map<number, WorkerHandle>();
  readonly #restarts: Restarts;
  /** Why the last lost worker of each runtime has ended. */
  readonly #losses = new Map<number, WorkerExitedError>();
  #hasStarted = false;
  /** No worker is replaced any more. */
  #isStopping = false;
  #orderedStop: OrderedStop | undefined = undefined;
  /** Workers are being terminated. */
  #isEnding = false;

  constructor(settings: ThreadedReactorSettings, host: WorkerPoolHost) {
    this.#settings = settings;
    this.#host = host;
    this.#restarts = new Restarts(settings, () => host.engine.loop.now());
  }

  /** The runtimes that have a worker now. */
  get runtimeIds(): number[] {
    return [...this.#workers.keys()];
  }

  /** The control links to the current workers, by runtime. */
  controls(): Map<number, Control> {
    return new Map(Array.from(this.#workers, ([id, it]) => [id, it.control]));
  }

  /** Why the last lost worker of a runtime has ended. */
  lossOf(runtimeId: number): Error | undefined {
    return this.#losses.get(runtimeId);
  }

  /** Starts all workers; resolves when they are ready. */
  async start(): Promise<void> {
    const workers = this.#launch([...Array(this.#settings.threads).keys()]);
    await Promise.all(workers.map((worker) => worker.ready));
    this.#hasStarted = true;
  }

  /** Stops all gracefully, and terminates those that take too long; may be called again, with other time limits. */
  async stop(times: StopSettings): Promise<void> {
    this.#isStopping = true;
    const { loop } = this.#host.engine;
    this.#orderedStop ??= new OrderedStop(loop, this.#stopGroups());
    await this.#orderedStop.within(times);
    this.#isEnding = true;
    const workers = [...this.#workers.values()];
    await within(
      loop,
      Promise.allSettled(workers.map((worker) => worker.terminate())),
      END_MARGIN_MS,
    );
    for (const worker of workers) worker.giveUp();
  }

  #stopGroups(): WorkerHandle[][] {
    const groups = stopGroups(this.runtimeIds, this.#settings.stopOrder);
    return groups.map((group) =>
      group.map((id) => this.#workers.get(id) as WorkerHandle)
    );
  }

  /** Starts a worker for each of these runtimes, with links between all workers. */
  #launch(runtimeIds: readonly number[]): WorkerHandle[] {
    const { MessageChannel } = workerThreads();
    const others = [...this.#workers.values()];
    const ports = new Map<number, [peer: number, port: Port][]>();
    const announcements: (() => void)[] = [];
    for (const runtimeId of runtimeIds) {
      const own: [number, Port][] = [];
      for (const [peer, ofPeer] of ports) {
        const { port1, port2 } = new MessageChannel();
        own.push([peer, port1]);
        ofPeer.push([runtimeId, port2]);
      }
      for (const other of others) {
        const { port1, port2 } = new MessageChannel();
        own.push([other.runtimeId, port1]);
        const link = { type: "link", peer: runtimeId, port: port2 } as const;
        announcements.push(() => other.control.tell(link, [port2]));
      }
      ports.set(runtimeId, own);
    }
    const workers = Array.from(
      ports,
      ([runtimeId, own]) => this.#launchOne(runtimeId, own),
    );
    for (const announce of announcements) announce(); // once all are launched
    return workers;
  }

  #launchOne(
    runtimeId: number,
    ports: readonly [peer: number, port: Port][],
  ): WorkerHandle {
    const { engine, peers, onMessage, names } = this.#host;
    const { worker, startTimeoutMs } = this.#settings;
    const handle = new WorkerHandle(
      engine,
      peers,
      worker,
      this.#setupOf(runtimeId, ports, names()),
      startTimeoutMs,
      {
        onMessage,
        onStopped: ({ runtimeId }, stats) =>
          this.#host.onStopped(runtimeId, stats),
        onExit: (handle, error) => this.#onExit(handle, error),
      },
    );
    this.#workers.set(runtimeId, handle);
    return handle;
  }

  #setupOf(
    runtimeId: number,
    ports: readonly [peer: number, port: Port][],
    names: WorkerSetup["names"],
  ): WorkerSetup {
    const { threads, module, adapter, runtime } = this.#settings;
    return {
      runtimeId,
      threadCount: threads,
      module,
      hasOwnAdapter: adapter !== undefined,
      runtimeOptions: runtime,
      logLevel: logLevel(),
      incarnation: this.#restarts.begin(runtimeId),
      ports,
      losses: Array.from(
        this.#losses,
        ([peer, loss]) => [peer, errorRecord(loss)] as const,
      ).filter(([peer]) =>
        peer !== runtimeId && !ports.some(([id]) => id === peer)
      ),
      names,
    };
  }

  #onExit(worker: WorkerHandle, error: WorkerExitedError): void {
    const { runtimeId } = worker;
    this.#workers.delete(runtimeId);
    this.#losses.set(runtimeId, error);
    const record = errorRecord(error);
    for (const { control } of this.#workers.values()) {
      control.tell({ type: "unlink", peer: runtimeId, error: record });
    }
    const isByItself = this.#hasStarted && !this.#isEnding;
    this.#host.onLost(runtimeId, isByItself);
    if (!isByItself) return;
    const willRestart = !this.#isStopping && this.#restarts.allow(runtimeId);
    logError(oneLine(error.message) + this.#fate(runtimeId, willRestart));
    this.#reportExit({ runtimeId, error, willRestart });
    if (this.#isStopping) return; // maybe in `onWorkerExit`
    if (willRestart) void this.#restart(runtimeId);
    else this.#notifyIfEmpty();
  }

  /** What becomes of a worker that ended by itself, for the log. */
  #fate(runtimeId: number, willRestart: boolean): string {
    if (willRestart) return ", and is restarted";
    const why = this.#isStopping ? "" : this.#restarts.whyNot(runtimeId);
    return why === "" ? "" : `, and is not restarted: ${why}`;
  }

  #notifyIfEmpty(): void {
    if (this.#workers.size === 0) this.#host.onEmpty();
  }

  #reportExit(exit: WorkerExit): void {
    const onThrown = (thrown: unknown) =>
      logError(`onWorkerExit threw ${oneLine(messageOf(thrown))}`);
    try {
      watchPromise(this.#settings.onWorkerExit(exit), onThrown);
    } catch (thrown) {
      onThrown(thrown);
    }
  }

  async #restart(runtimeId: number): Promise<void> {
    let worker: WorkerHandle | undefined;
    try {
      [worker] = this.#launch([runtimeId]);
      await worker.ready;
      await this.#host.onReplaced(runtimeId);
    } catch (error) {
      if (this.#isStopping) return;
      logError(`Cannot restart the thread of runtime ${runtimeId}:`, error);
      if (worker === undefined) this.#notifyIfEmpty();
      else await worker.terminate(); // and it may be tried again
    }
  }
}
