import { engineOf, ReactRuntime } from "../../runtime.ts";
import type { StopSettings } from "../../api/options/stop.ts";
import { RuntimeView } from "../../inspector/view/runtime_view.ts";
import { toError } from "../../api/to_error.ts";
import type { RuntimeStats } from "../../stats/stats.ts";
import { logError, logUpTo } from "../../util/log.ts";
import { CommandIntake } from "../commands/command_intake.ts";
import type { BufferedPort } from "../link/buffered_port.ts";
import { Control, serveLink } from "../link/control.ts";
import type { ControlMessage } from "../link/envelope.ts";
import { errorFromRecord } from "../link/error_record.ts";
import { Asking } from "../asking/asking.ts";
import type { AskOptions } from "../asking/ask_options.ts";
import { OwnPlace } from "../asking/own_place.ts";
import { Places } from "../asking/places.ts";
import { ReceivedQuestions } from "../asking/received_questions.ts";
import { Services } from "../asking/services.ts";
import { Telling } from "../asking/telling.ts";
import type { Ask, Tell } from "../module_shape.ts";
import type { ThreadId } from "../thread_id.ts";
import { Factories } from "../commands/factories.ts";
import { Names, NameWatch } from "../names/names.ts";
import { nameMessage, type NamingOptions } from "../names/naming.ts";
import { Link } from "../link/link.ts";
import { PeerThreads } from "../link/peer_threads.ts";
import { InvalidOptionError } from "../../api/errors.ts";
import { makeAdapter } from "../own_adapter.ts";
import type { ReactorModule } from "../reactor_module.ts";
import type { ReactorThread, ThreadCmdSender } from "../reactor_thread.ts";
import type { ReactorUID } from "../reactor_uid.ts";
import { LocalCmdSender } from "../commands/thread_cmd_senders.ts";
import { ListenerParts } from "./listener_parts.ts";
import { generationsOf, type WorkerSetup } from "./worker_setup.ts";

/** A worker: its runtime, its links to the other threads, and the names. */
export class WorkerThread implements ReactorThread {
  readonly runtimeId: number;
  readonly runtime: ReactRuntime;
  readonly #module: ReactorModule;
  readonly #parent: BufferedPort;
  readonly #main: Link;
  readonly #control: Control;
  readonly #peers: PeerThreads;
  readonly #names: Names;
  readonly #watch: NameWatch;
  readonly #asking: Asking;
  readonly #telling: Telling;
  readonly #listenerParts: ListenerParts;
  #hasStarted = false;
  #stopped: Promise<void> | undefined = undefined;

  /** `parent` leads to the main thread. */
  constructor(
    setup: WorkerSetup,
    module: ReactorModule,
    parent: BufferedPort,
  ) {
    logUpTo(setup.logLevel);
    this.runtimeId = setup.runtimeId;
    const { adapter } = module;
    checkAdapters(adapter !== undefined, setup.hasOwnAdapter);
    this.runtime = new ReactRuntime({
      ...setup.runtimeOptions,
      adapter: adapter && makeAdapter(adapter),
    });
    this.#module = module;
    const engine = engineOf(this.runtime);
    engine.reactors.limitGenerations(...generationsOf(setup.incarnation));

    this.#listenerParts = new ListenerParts(engine);
    const factories = new Factories(module, this);
    const intake = new CommandIntake(engine, factories);
    const services = new Services(module.services, this);
    this.#peers = new PeerThreads(setup.threadCount, engine, services, intake);
    this.#peers.setSender(
      this.runtimeId,
      new LocalCmdSender(this.runtimeId, engine, factories),
    );
    for (const [peer, port] of setup.ports) this.#peers.open(peer, port);
    for (const [peer, loss] of setup.losses) {
      this.#peers.lose(peer, errorFromRecord(loss));
    }

    this.#parent = parent;
    const questionsOf = (thread: ThreadId) =>
      new ReceivedQuestions(engine, services, thread);
    this.#main = new Link(engine.loop, parent, intake, questionsOf("main"));
    const own = new OwnPlace(questionsOf(this.runtimeId));
    const places = new Places(setup.threadCount, (thread) => {
      if (thread === "main") return this.#main;
      return thread === this.runtimeId ? own : this.#peers.link(thread);
    });
    this.#asking = new Asking(engine.loop, places);
    this.#telling = new Telling(engine.serviceMessages, places);
    this.#control = new Control(this.#main, (it) => this.#onMessage(it));
    this.#names = new Names(setup.names);
    this.#watch = new NameWatch(
      this.#names,
      this.runtimeId,
      engine,
      (message) => this.#control.tell(message),
    );
  }

  /** Begins to handle messages of the main thread. */
  serve(): void {
    const { loop } = engineOf(this.runtime);
    serveLink(this.#parent, loop, this.#main, this.#control);
  }

  get threadCount(): number {
    return this.#peers.count;
  }

  getCmdSender(runtimeId: number): ThreadCmdSender {
    return this.#peers.sender(runtimeId);
  }

  readonly ask: Ask = <Answer>(
    thread: ThreadId,
    service: string,
    param?: unknown,
    options?: AskOptions,
  ): Promise<Answer> =>
    this.#asking.ask(thread, service, param, options) as Promise<Answer>;

  readonly tell: Tell = (thread, service, param, options) =>
    this.#telling.tell(thread, service, param, options);

  whenRoom(thread: ThreadId): Promise<void> {
    return this.#telling.whenRoom(thread);
  }

  get lateAnswerCount(): number {
    return this.#asking.lateAnswerCount;
  }

  findByName<Taken, Value>(
    name: string,
  ): ReactorUID<Taken, Value> | undefined {
    return this.#names.find(name) as ReactorUID<Taken, Value> | undefined;
  }

  async addName(
    name: string,
    uid: ReactorUID,
    options: NamingOptions = {},
  ): Promise<void> {
    await this.#control.ask(nameMessage("addName", name, uid, options));
  }

  async removeName(
    name: string,
    uid: ReactorUID,
    options: NamingOptions = {},
  ): Promise<boolean> {
    const message = nameMessage("removeName", name, uid, options);
    return await this.#control.ask(message) === true;
  }

  get nameCount(): number {
    return this.#names.size;
  }

  #onMessage(message: ControlMessage): unknown {
    switch (message.type) {
      case "start":
        return this.#start();
      case "link":
        return void this.#peers.open(message.peer, message.port);
      case "unlink":
        return this.#peers.lose(message.peer, errorFromRecord(message.error));
      case "addName":
      case "removeName":
        return this.#watch.onMessage(message);
      case "stop":
        return this.#stop(message.times);
      case "inspect":
        return RuntimeView.of(engineOf(this.runtime)).answer(message.question);
      case "stats":
        return this.runtime.stats();
      case "listenerStats":
        return this.#listenerParts.stats(message.listener);
      case "listenerEnd":
        return this.#listenerParts.end(message.listener);
      case "setTls":
        return engineOf(this.runtime).setTls(message.listener, message.tls);
      default: // only for the main thread
        return undefined;
    }
  }

  /** Drops what `onStart` returns, since it may be impossible to send. */
  async #start(): Promise<void> {
    await this.#module.onStart?.(this);
    this.#hasStarted = true;
  }

  /** May be called again, with other times. Resolves to the final statistics. */
  async #stop(times: StopSettings): Promise<RuntimeStats> {
    await this.runtime.stop(times);
    await (this.#stopped ??= this.#callOnStop());
    this.#peers.flush();
    this.#main.flushAll();
    return this.runtime.stats();
  }

  async #callOnStop(): Promise<void> {
    if (!this.#hasStarted) return;
    try {
      await this.#module.onStop?.(this);
    } catch (thrown) {
      const error = toError(thrown, "onStop");
      logError(`onStop of runtime ${this.runtimeId} failed:`, error);
    }
  }
}

/** Throws {@linkcode InvalidOptionError} unless both the module and the main thread name an adapter, or neither does. */
function checkAdapters(isInModule: boolean, isInMain: boolean): void {
  if (isInModule === isInMain) return;
  throw new InvalidOptionError(
    isInModule
      ? "Cannot start with the adapter of the module alone: the option adapter has to name it for the main thread"
      : "Cannot start with the option adapter alone: the module has to name it for the threads",
  );
}
