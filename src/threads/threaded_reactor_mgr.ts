import { hostAdapter } from "../adapters/host.ts";
import type { Adapter } from "../adapters/adapter.ts";
import type { AddressLike } from "../address.ts";
import { Engine } from "../core/engine.ts";
import { RuntimeStoppedError, type WorkerExitedError } from "../errors.ts";
import { integer, type ListenOptions } from "../options.ts";
import type { StopOptions } from "../runtime.ts";
import { logError, logLevel } from "../util/log.ts";
import type { ControlMessage } from "./control.ts";
import { errorRecord } from "./error_record.ts";
import { NameRegistry } from "./name_registry.ts";
import { Peers } from "./peers.ts";
import type { Port } from "./port.ts";
import type {
  CommandOf,
  FactoryArguments,
  ListenersOf,
  ReactorModule,
} from "./reactor_module.ts";
import type { ReactorThreads, ThreadCmdSender } from "./reactor_thread.ts";
import type { ReactorUID } from "./reactor_uid.ts";
import { Restarts } from "./restarts.ts";
import { SharedListener } from "./shared_listener.ts";
import {
  type ThreadedReactorOptions,
  type ThreadedReactorSettings,
  threadedReactorSettings,
  type WorkerExit,
} from "./threaded_reactor_options.ts";
import { WorkerHandle } from "./worker_handle.ts";
import type { WorkerSetup } from "./worker_setup.ts";
import { workerThreads } from "./worker_threads.ts";

const MAX_INT = 2 ** 31 - 1;

/**
 * Runs one {@linkcode ReactRuntime} per worker thread, and sends them commands.
 *
 * The reactors live in the threads, made by the factories of a module that every
 * thread loads. Any thread sends commands to any other; the main thread, by this
 * object, as well. There are no locks, and nothing is polled: an idle manager
 * costs no processor time.
 *
 * Needs `node:worker_threads`, which Node, Deno and Bun have; on Deno
 * `--allow-read` for the modules that the threads load.
 */
export class ThreadedReactorMgr<
  Module extends ReactorModule = ReactorModule,
> implements ReactorThreads<CommandOf<Module>, Module>, AsyncDisposable {
  readonly #settings: ThreadedReactorSettings;
  readonly #adapter: Adapter;
  readonly #engine: Engine<unknown>;
  readonly #peers: Peers;
  readonly #names: NameRegistry;
  /** The workers there are, by runtime. */
  readonly #workers = new Map<number, WorkerHandle>();
  readonly #restarts: Restarts;
  readonly #listeners = new Set<SharedListener>();
  #hasStarted = false;
  #isStopping = false;
  #whenEnded: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => this.#whenEnded = resolve);

  private constructor(settings: ThreadedReactorSettings) {
    this.#settings = settings;
    this.#adapter = hostAdapter();
    this.#engine = new Engine(this.#adapter, {});
    this.#peers = new Peers(settings.threads, this.#engine);
    this.#restarts = new Restarts(settings, () => this.#adapter.now());
    this.#names = new NameRegistry((message) => this.#askAll(message));
  }

  /**
   * Starts the threads; resolves when all are ready. Rejects with
   * {@linkcode WorkerStartError}, whose `cause` is the worker's own error with
   * its stack, if the module does not load, is not made by `defineReactors`, if
   * its `onStart` fails, or if a worker is not ready within `startTimeoutMs`;
   * then nothing is left running. Rejects with {@linkcode InvalidOptionError}.
   *
   * @example Four threads that serve one port
   * ```ts ignore
   * import { ThreadedReactorMgr } from "@reactio/reactio";
   * import type reactors from "./reactors.ts"; // its default export is made by defineReactors
   *
   * await using threads = await ThreadedReactorMgr.start<typeof reactors>({
   *   threads: 4,
   *   module: new URL("./reactors.ts", import.meta.url),
   * });
   * const listener = await threads.listenAll("127.0.0.1:0", "echo", { greeting: "hello" });
   * console.log("listening on", listener.address, "by", listener.mode);
   * await threads.wait();
   * ```
   */
  static async start<Module extends ReactorModule = ReactorModule>(
    options: ThreadedReactorOptions,
  ): Promise<ThreadedReactorMgr<Module>> {
    const settings = threadedReactorSettings(options);
    const mgr = new ThreadedReactorMgr<Module>(settings);
    try {
      const workers = mgr.#launch([...Array(settings.threads).keys()]);
      await Promise.all(workers.map((worker) => worker.ready));
      mgr.#hasStarted = true;
      return mgr;
    } catch (error) {
      await mgr.stop({ graceMs: 0 });
      throw error;
    }
  }

  /** How many threads there are; their runtimes are numbered from 0. */
  get countThreads(): number {
    return this.#settings.threads;
  }

  /** Sends commands to the runtime `runtimeId`, also after its thread was restarted. Throws {@linkcode UnknownRuntimeError}. */
  getCmdSender(
    runtimeId: number,
  ): ThreadCmdSender<CommandOf<Module>, Module> {
    return this.#peers.sender(runtimeId) as ThreadCmdSender<
      CommandOf<Module>,
      Module
    >;
  }

  /** See {@linkcode ReactorThreads.findReactorUid}. */
  findReactorUid(name: string): ReactorUID | undefined {
    return this.#names.names.find(name);
  }

  /** See {@linkcode ReactorThreads.addReactorUid}. */
  addReactorUid(name: string, uid: ReactorUID): Promise<void> {
    return this.#names.add(name, uid);
  }

  /** See {@linkcode ReactorThreads.removeReactorName}. */
  removeReactorName(name: string, uid: ReactorUID): Promise<boolean> {
    return this.#names.remove(name, uid);
  }

  /** See {@linkcode ReactorThreads.countReactors}. */
  countReactors(): number {
    return this.#names.names.size;
  }

  /**
   * Listens on one address with all threads; port 0 lets the system choose.
   * Where the runtime can share a port among listeners (SO_REUSEPORT: Bun, Deno,
   * Node from 23.1, all on Linux) every thread accepts by itself, and the system
   * spreads the connections. Elsewhere this thread accepts, gives each to the
   * thread with the fewest, and relays the bytes: slower, but it works.
   * `SharedListener.mode` says which. A thread that is restarted listens again.
   *
   * Rejects as `ReactRuntime.listen` does, and then nothing listens.
   */
  async listenAll<Name extends string & keyof ListenersOf<Module>>(
    address: AddressLike,
    listener: Name,
    ...[param, options]: FactoryArguments<
      ListenersOf<Module>[Name],
      ListenOptions
    >
  ): Promise<SharedListener> {
    if (this.#isStopping) throw stopped("listen with all threads");
    const shared = new SharedListener(
      {
        senders: (runtimeId) => this.#peers.sender(runtimeId),
        countThreads: this.countThreads,
        onClosed: () => void this.#listeners.delete(shared),
      },
      this.#adapter,
      listener,
      param,
      options ?? {},
    );
    this.#listeners.add(shared);
    try {
      await shared.start(address, [...this.#workers.keys()]);
      return shared;
    } catch (error) {
      await shared.close();
      throw error;
    }
  }

  /**
   * Stops all runtimes as `ReactRuntime.stop` does, then ends the workers. Those
   * that take 2 s longer than `graceMs` are ended by force. Resolves when they
   * have ended and every completion of this thread was called.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const graceMs = integer(options, "graceMs", 0, MAX_INT) ?? 5000;
    this.#isStopping = true;
    const ownEnd = this.#engine.stop(graceMs);
    const workers = [...this.#workers.values()];
    for (const listener of this.#listeners) void listener.close();
    await Promise.all(workers.map((worker) => worker.stop(graceMs)));
    await Promise.all(workers.map((worker) => worker.terminate()));
    await ownEnd;
    this.#whenEnded();
  }

  /** Resolves when all workers have ended: by `stop`, or because none is left. */
  wait(): Promise<void> {
    return this.#ended;
  }

  /** Stops; called at the end of its scope by `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Starts a worker for each of these runtimes, with ways between all. */
  #launch(runtimeIds: readonly number[]): WorkerHandle[] {
    const { MessageChannel } = workerThreads();
    const ports = new Map<number, [peer: number, port: Port][]>();
    for (const runtimeId of runtimeIds) {
      const own: [number, Port][] = [];
      ports.set(runtimeId, own);
      for (const peer of [...ports.keys(), ...this.#workers.keys()]) {
        if (peer === runtimeId) continue;
        const { port1, port2 } = new MessageChannel();
        own.push([peer, port1]);
        const ofPeer = ports.get(peer);
        if (ofPeer !== undefined) ofPeer.push([runtimeId, port2]);
        else {
          this.#workers.get(peer)?.control.tell(
            { type: "link", peer: runtimeId, port: port2 },
            [port2],
          );
        }
      }
    }
    return runtimeIds.map((runtimeId) =>
      this.#launchOne(runtimeId, ports.get(runtimeId) ?? [])
    );
  }

  #launchOne(
    runtimeId: number,
    ports: readonly [peer: number, port: Port][],
  ): WorkerHandle {
    const { module, worker, runtime, startTimeoutMs } = this.#settings;
    const setup: WorkerSetup = {
      runtimeId,
      countThreads: this.countThreads,
      module,
      runtimeOptions: runtime,
      logLevel: logLevel(),
      incarnation: this.#restarts.begin(runtimeId),
      ports,
      names: this.#names.names.entries(),
    };
    const handle = new WorkerHandle(
      this.#engine,
      this.#peers,
      worker,
      setup,
      startTimeoutMs,
      {
        onMessage: (handle, message) => this.#onMessage(handle, message),
        onExit: (handle, error) => this.#onExit(handle, error),
      },
    );
    this.#workers.set(runtimeId, handle);
    return handle;
  }

  #onMessage(worker: WorkerHandle, message: ControlMessage): unknown {
    if (message.type === "addName") {
      return this.#names.add(message.name, message.uid);
    }
    if (message.type !== "removeName") return;
    // Only the owner removes.
    return message.uid.runtimeId === worker.runtimeId &&
      this.#names.remove(message.name, message.uid);
  }

  async #askAll(message: ControlMessage): Promise<Map<number, unknown>> {
    const answers = new Map<number, unknown>();
    await Promise.all(
      Array.from(this.#workers, async ([runtimeId, { control }]) => {
        try {
          answers.set(runtimeId, await control.ask(message));
        } catch {
          // It ended, and its copy of the names with it.
        }
      }),
    );
    return answers;
  }

  #onExit(worker: WorkerHandle, error: WorkerExitedError): void {
    const { runtimeId } = worker;
    this.#workers.delete(runtimeId);
    for (const listener of this.#listeners) listener.leave(runtimeId);
    if (this.#isStopping || !this.#hasStarted) return;
    const record = errorRecord(error);
    for (const { control } of this.#workers.values()) {
      control.tell({ type: "unlink", peer: runtimeId, error: record });
    }
    void this.#names.removeRuntime(runtimeId);
    const willRestart = this.#restarts.allow(runtimeId);
    logError(`${error.message}${willRestart ? ", and is restarted" : ""}`);
    this.#tellExit({ runtimeId, error, willRestart });
    if (willRestart) void this.#restart(runtimeId);
    else if (this.#workers.size === 0) void this.stop({ graceMs: 0 });
  }

  #tellExit(exit: WorkerExit): void {
    try {
      this.#settings.onWorkerExit(exit);
    } catch (thrown) {
      logError("onWorkerExit threw:", thrown);
    }
  }

  async #restart(runtimeId: number): Promise<void> {
    let worker: WorkerHandle | undefined;
    try {
      [worker] = this.#launch([runtimeId]);
      await worker.ready;
      await Promise.all(
        Array.from(this.#listeners, (listener) => listener.join(runtimeId)),
      );
    } catch (error) {
      if (this.#isStopping) return;
      logError(`Cannot restart the thread of runtime ${runtimeId}:`, error);
      await worker?.terminate(); // and it may be tried again
    }
  }
}

function stopped(action: string): RuntimeStoppedError {
  return new RuntimeStoppedError(`Cannot ${action}: the threads were stopped`);
}
