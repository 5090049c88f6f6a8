/**
 * A runtime per thread.
 *
 * @module
 */

import { textOf } from "../util/text.ts";
import { hostAdapter } from "../adapters/host.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { AddressLike, AddressOf } from "../api/address.ts";
import { Engine } from "../core/engine.ts";
import { RuntimeStoppedError } from "../api/errors.ts";
import type { ListenOptions } from "../api/options/listen.ts";
import { type StopOptions, stopSettings } from "../api/options/stop.ts";
import type { Control } from "./link/control.ts";
import type { ControlMessage } from "./link/envelope.ts";
import { makeAdapter } from "./own_adapter.ts";
import { NameRegistry } from "./names/name_registry.ts";
import { nameMessage, type NamingOptions } from "./names/naming.ts";
import { PeerThreads } from "./link/peer_threads.ts";
import { Asking } from "./asking/asking.ts";
import { OwnPlace } from "./asking/own_place.ts";
import { Places } from "./asking/places.ts";
import { ReceivedQuestions } from "./asking/received_questions.ts";
import { Services } from "./asking/services.ts";
import { Telling } from "./asking/telling.ts";
import type {
  Ask,
  AskAnything,
  CommandOf,
  FactoryArguments,
  ListenersOf,
  Tell,
  TellAnything,
} from "./module_shape.ts";
import { type ReactorModule, refuseWhileLoading } from "./reactor_module.ts";
import type { ReactorThreads, ThreadCmdSender } from "./reactor_thread.ts";
import type { ReactorUID } from "./reactor_uid.ts";
import type { SharedListener } from "./shared_listener.ts";
import type { ThreadId } from "./thread_id.ts";
import { SharedListeners } from "./listen/shared_listeners.ts";
import {
  type ThreadedReactorOptions,
  type ThreadedReactorSettings,
  threadedReactorSettings,
} from "./threaded_reactor_options.ts";
import type { WorkerHandle } from "./manager/worker_handle.ts";
import { StatsKeeper } from "./manager/stats_keeper.ts";
import { WorkerPool } from "./manager/worker_pool.ts";
import { OF_RUNTIMES } from "./manager/stats_kind.ts";
import type { RuntimeStats, ThreadsStats } from "../stats/stats.ts";
import {
  THREADS_STATS_OPTIONS,
  type ThreadsStatsOptions,
} from "./threads_stats.ts";

/** The control links to the workers, for other parts of the library. */
export let controlsOf: <Module extends ReactorModule>(
  threads: ThreadedReactorMgr<Module>,
) => ReadonlyMap<number, Control>;

/**
 * Runs one {@linkcode ReactRuntime} per worker thread, and sends them commands.
 *
 * Every thread loads a module, whose factories make the reactors of that
 * thread. Any thread can send commands to any other; the main thread sends them
 * through this object. There are no locks, and nothing is polled: an idle
 * manager costs no processor time.
 *
 * Needs `node:worker_threads`, which Node, Deno and Bun have; on Deno
 * `--allow-read` for the modules that the threads load.
 *
 * @category Threads
 */
export class ThreadedReactorMgr<
  Module extends ReactorModule = ReactorModule,
> implements ReactorThreads<CommandOf<Module>, Module>, AsyncDisposable {
  /** The sockets, the clock and the signals of the main thread. */
  readonly adapter: Adapter;

  readonly #settings: ThreadedReactorSettings;
  readonly #engine: Engine<unknown>;
  readonly #peers: PeerThreads;
  readonly #names: NameRegistry;
  readonly #workers: WorkerPool;
  readonly #listeners: SharedListeners;
  readonly #own: OwnPlace;
  readonly #asking: Asking;
  readonly #telling: Telling;
  readonly #stats: StatsKeeper<RuntimeStats>;
  #isStopping = false;
  #whenEnded: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => this.#whenEnded = resolve);

  static {
    controlsOf = (threads) => threads.#workers.controls();
  }

  private constructor(settings: ThreadedReactorSettings) {
    this.#settings = settings;
    this.adapter = settings.adapter === undefined
      ? hostAdapter()
      : makeAdapter(settings.adapter);
    this.#engine = new Engine(this.adapter, {});
    this.#stats = new StatsKeeper(
      OF_RUNTIMES,
      this.#engine.loop,
      settings.threads,
      () => this.#engine.stats(),
    );
    const services = new Services<ReactorThreads>(
      settings.services,
      this as unknown as ReactorThreads,
    );
    this.#peers = new PeerThreads(settings.threads, this.#engine, services);
    this.#own = new OwnPlace(
      new ReceivedQuestions(this.#engine, services, "main"),
    );
    const places = new Places(
      settings.threads,
      (thread) => thread === "main" ? this.#own : this.#peers.link(thread),
    );
    this.#asking = new Asking(this.#engine.loop, places);
    this.#telling = new Telling(this.#engine.serviceMessages, places);
    this.#listeners = new SharedListeners(
      this.adapter,
      this.#peers,
      this.#engine,
      (runtimeId) => this.#workers.controls().get(runtimeId),
    );
    this.#workers = new WorkerPool(settings, {
      engine: this.#engine,
      peers: this.#peers,
      onMessage: (handle, message) => this.#onMessage(handle, message),
      onStopped: (...args) => this.#stats.onStopped(...args),
      names: () => this.#names.names.entries(),
      onLost: (...args) => this.#onLost(...args),
      onReplaced: (runtimeId) => this.#listeners.join(runtimeId),
      onEmpty: () => void this.stop({ graceMs: 0 }),
    });
    this.#names = new NameRegistry(this.#engine.loop, this.#workers);
  }

  /**
   * Starts the threads.
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
   *
   * @param options How many threads, and what they run.
   * @returns Resolves to the manager when all threads are ready.
   * @throws {WorkerStartError} If the module does not load or is not made by
   * `defineReactors`, if its `onStart` fails, or if a worker is not ready within
   * `startTimeoutMs`; then nothing is left running. `cause` is the worker's own
   * error, with its stack. Also if a thread calls this while it loads its module,
   * which then did not ask for `isMainThread`.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  static async start<Module extends ReactorModule = ReactorModule>(
    options: ThreadedReactorOptions,
  ): Promise<ThreadedReactorMgr<Module>> {
    refuseWhileLoading();
    const settings = threadedReactorSettings(options);
    const mgr = new ThreadedReactorMgr<Module>(settings);
    try {
      await mgr.#workers.start();
      return mgr;
    } catch (error) {
      await mgr.stop({ graceMs: 0 });
      throw error;
    }
  }

  /** How many threads there are; their runtimes are numbered from 0. */
  get threadCount(): number {
    return this.#settings.threads;
  }

  /**
   * The command sender of a runtime: see {@linkcode ReactorThreads.getCmdSender}.
   *
   * @param runtimeId The number of the runtime: 0 to `threadCount` - 1.
   * @returns Its command sender, which stays valid after its thread was
   * restarted.
   * @throws {UnknownRuntimeError} If no thread has that number.
   */
  getCmdSender(
    runtimeId: number,
  ): ThreadCmdSender<CommandOf<Module>, Module> {
    return this.#peers.sender(runtimeId) as ThreadCmdSender<
      CommandOf<Module>,
      Module
    >;
  }

  /** Asks a service of a thread: see {@linkcode ReactorThreads.ask}. */
  readonly ask: Ask<Module> =
    ((thread, service, param, options) =>
      this.#asking.ask(thread, service, param, options)) as AskAnything as Ask<
        Module
      >;

  /** Tells a service of a thread: see {@linkcode ReactorThreads.tell}. */
  readonly tell: Tell<Module> =
    ((thread, service, param, options) =>
      this.#telling.tell(
        thread,
        service,
        param,
        options,
      )) as TellAnything as Tell<
        Module
      >;

  /**
   * Waits until a thread takes more messages: see
   * {@linkcode ReactorThreads.whenRoom}.
   *
   * @param thread The thread that was told.
   * @returns Resolves when there is room, or the thread is gone.
   * @throws {UnknownRuntimeError} If no thread has that number.
   */
  whenRoom(thread: ThreadId): Promise<void> {
    return this.#telling.whenRoom(thread);
  }

  /** See {@linkcode ReactorThreads.lateAnswerCount}. */
  get lateAnswerCount(): number {
    return this.#asking.lateAnswerCount;
  }

  /**
   * Finds a reactor: see {@linkcode ReactorThreads.findByName}.
   *
   * @param name The name of the reactor.
   * @returns The reactor; `undefined` if there is none of that name.
   */
  findByName<Taken = unknown, Value = unknown>(
    name: string,
  ): ReactorUID<Taken, Value> | undefined {
    return this.#names.names.find(name) as ReactorUID<Taken, Value> | undefined;
  }

  /**
   * Gives a reactor a name: see {@linkcode ReactorThreads.addName}, which also
   * says how it fails.
   *
   * @param name The name.
   * @param uid The reactor.
   * @param options How long to wait.
   * @returns Resolves when the threads know the name.
   */
  async addName(
    name: string,
    uid: ReactorUID,
    options: NamingOptions = {},
  ): Promise<void> {
    const message = nameMessage("addName", name, uid, options);
    if (this.#isStopping) {
      throw threadsStopped(`use the name "${textOf(name)}"`);
    }
    await this.#names.add(message);
  }

  /**
   * Takes a name from a reactor: see {@linkcode ReactorThreads.removeName}, which
   * also says how it fails.
   *
   * @param name The name.
   * @param uid The reactor.
   * @param options How long to wait.
   * @returns Resolves to false if the reactor does not have the name.
   */
  async removeName(
    name: string,
    uid: ReactorUID,
    options: NamingOptions = {},
  ): Promise<boolean> {
    return await this.#names.remove(
      nameMessage("removeName", name, uid, options),
    );
  }

  /** See {@linkcode ReactorThreads.nameCount}. */
  get nameCount(): number {
    return this.#names.names.size;
  }

  /**
   * Listens on one address with all threads; port 0 lets the system choose.
   * Where the runtime can share a port among listeners (SO_REUSEPORT: Bun, Deno
   * with `--unstable-net`, Node from 23.1, all on Linux) every thread accepts
   * by itself, and the system spreads the connections. Elsewhere this thread
   * accepts, gives each to the thread with the fewest, and relays the bytes:
   * slower, but it works. `SharedListener.mode` says which. A thread that is
   * restarted listens again.
   *
   * It fails as {@linkcode ReactRuntime.listen} does, and then nothing listens.
   *
   * @param address Where to listen; port 0 lets the system choose.
   * @param listener The name of the factory that makes the handlers.
   * @param args The parameter of the factory and the options of the listener. The
   * parameter is copied when this is called; threads that are restarted later get
   * the same copy. The limits apply to each thread: with four threads and
   * `maxConnections: 1000` there may be 4000 connections.
   * @returns Resolves to the listener when all threads listen.
   * @throws {AddressInUseError} Also if another listener of this manager has the
   * same port on the same host, or if one of the two listens on all hosts:
   * `0.0.0.0` overlaps with IPv4 addresses and names, `::` with everything.
   * @throws {NotCloneableError} If the parameter cannot be copied.
   * @throws {WorkerExitedError} If a thread has ended that was to listen, or all have.
   * @throws {RuntimeStoppedError} If the threads are stopped.
   */
  async listenAll<
    const Given extends AddressLike,
    Name extends string & keyof ListenersOf<Module>,
  >(
    address: Given,
    listener: Name,
    ...[param, options]: FactoryArguments<
      ListenersOf<Module>[Name],
      ListenOptions
    >
  ): Promise<SharedListener<AddressOf<Given>>> {
    if (this.#isStopping) throw threadsStopped("listen with all threads");
    const shared = await this.#listeners.listen(
      address,
      listener,
      param,
      options ?? {},
      () => this.#workers.runtimeIds,
    );
    return shared as SharedListener<AddressOf<Given>>;
  }

  /**
   * Asks every thread for its statistics.
   *
   * Counts never go back. If a thread does not answer in time, or its worker
   * has ended, the result has its last known counts. A worker that stops
   * gracefully reports its final counts. If a worker ends in any other way,
   * whatever it counted after the last call is missing, and
   * {@linkcode ThreadStats.lostWorkers} counts it. To lose little, call this
   * often.
   *
   * @param options How long to wait for the threads.
   * @returns Resolves within `timeoutMs`, also when the threads were stopped,
   * to a copy, which is plain data.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  async stats(options: ThreadsStatsOptions = {}): Promise<ThreadsStats> {
    const { timeoutMs } = THREADS_STATS_OPTIONS.fill(options);
    const controls = this.#workers.controls();
    const ask = async (runtimeId: number) =>
      await controls.get(runtimeId)?.ask({ type: "stats" }) as RuntimeStats;
    return await this.#stats.ask(controls.keys(), ask, timeoutMs);
  }

  /**
   * Closes the shared listeners, stops all runtimes as `ReactRuntime.stop`
   * does, in the order of `stopOrder`, then ends the workers. A worker that takes
   * a second longer than `drainMs` and `graceMs` is terminated.
   *
   * Until the runtimes have stopped, commands of this thread are sent as before,
   * unless `drainMs` is 0. Like `ReactRuntime.stop`, it may be called again: then
   * the new times apply, counted from that call.
   *
   * @param options How long to wait for work in progress, and for connections to
   * close. The times are for all threads together, whatever their order.
   * @returns Resolves within 2 s of `drainMs` and `graceMs`, when the workers
   * have ended and every completion of this thread was called.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const times = stopSettings(options);
    const ownTimes = { ...times, drainMs: 0 };
    this.#isStopping = true;
    this.#listeners.close();
    if (times.drainMs === 0) void this.#engine.stop(ownTimes);
    await this.#workers.stop(times);
    await this.#engine.stop(ownTimes);
    this.#own.lose(new RuntimeStoppedError("the threads were stopped"));
    this.#whenEnded();
  }

  /**
   * Waits for the end.
   *
   * @returns Resolves when all workers have ended: by `stop`, or because none is
   * left.
   */
  wait(): Promise<void> {
    return this.#ended;
  }

  /**
   * Stops all threads; called at the end of its scope by `await using`.
   *
   * @returns Resolves as `stop` does.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #onMessage(worker: WorkerHandle, message: ControlMessage): unknown {
    if (message.type === "addName") return this.#names.add(message);
    if (message.type !== "removeName") return;
    // Only the owner removes.
    return message.uid.runtimeId === worker.runtimeId &&
      this.#names.remove(message);
  }

  #onLost(runtimeId: number, isByItself: boolean): void {
    this.#stats.onEnded(runtimeId);
    this.#listeners.leave(runtimeId);
    if (isByItself) void this.#names.removeRuntime(runtimeId);
  }
}

function threadsStopped(action: string): RuntimeStoppedError {
  return new RuntimeStoppedError(`Cannot ${action}: the threads were stopped`);
}
