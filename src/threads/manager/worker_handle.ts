import { outsideAsyncContext } from "../../adapters/async_context.ts";
import type { Engine } from "../../core/engine.ts";
import { WorkerExitedError, WorkerStartError } from "../../api/errors.ts";
import type { StopSettings } from "../../api/options/stop.ts";
import type { RuntimeStats } from "../../stats/stats.ts";
import {
  isError,
  MAX_REASON,
  messageOf,
  read,
  textOf,
} from "../../util/text.ts";
import { BufferedPort } from "../link/buffered_port.ts";
import { Control, serveLink } from "../link/control.ts";
import type { ControlMessage } from "../link/envelope.ts";
import { errorFromRecord } from "../link/error_record.ts";
import type { PeerThreads } from "../link/peer_threads.ts";
import type { Port } from "../link/port.ts";
import { within } from "./within.ts";
import type { WorkerSetup } from "../worker/worker_setup.ts";
import { programUrl } from "../worker_program.ts";
import {
  inheritedFlags,
  type NodeWorker,
  workerThreads,
} from "../worker_threads.ts";

/** What a worker reports to the main thread. */
export interface WorkerEvents {
  /** A message about names has come in; the result is the answer. */
  onMessage(handle: WorkerHandle, message: ControlMessage): unknown;
  /** It has stopped gracefully, and reports its final statistics. */
  onStopped(handle: WorkerHandle, stats: RuntimeStats): void;
  /** It has ended. */
  onExit(handle: WorkerHandle, error: WorkerExitedError): void;
}

/** A worker, as seen by the main thread. */
export class WorkerHandle {
  readonly runtimeId: number;
  readonly control: Control;
  /** Resolves when it is ready; rejects if it cannot start. */
  readonly ready: Promise<unknown>;
  readonly #program: string | undefined;
  readonly #worker: NodeWorker;
  readonly #peers: PeerThreads;
  readonly #events: WorkerEvents;
  readonly #exited: Promise<void>;
  #whenExited: () => void = () => {};
  #hasExited = false;
  #hasStopped = false;
  #thrown: Error | undefined = undefined;

  constructor(
    engine: Engine<unknown>,
    peers: PeerThreads,
    program: string | undefined,
    setup: WorkerSetup,
    startTimeoutMs: number,
    events: WorkerEvents,
  ) {
    this.#peers = peers;
    this.#events = events;
    this.runtimeId = setup.runtimeId;
    this.#program = program;
    this.#worker = this.#newWorker();
    const port = new BufferedPort(workerPort(this.#worker));
    const link = peers.add(this.runtimeId, port);
    this.control = new Control(link, (message) => {
      if (message.type !== "crashed") return events.onMessage(this, message);
      this.#thrown = errorFromRecord(message.error);
      return void this.terminate(); // on Deno, its own exit may do nothing
    });
    serveLink(port, engine.loop, link, this.control);
    this.#worker.on("error", (error) => {
      this.#thrown ??= isError(error) ? error : undefined;
    });
    this.#exited = new Promise((resolve) => this.#whenExited = resolve);
    this.#worker.on("exit", (code) => this.#onExit(this.#endBy(code)));
    const ports = setup.ports.map(([, port]) => port);
    this.ready = within(
      engine.loop,
      this.control.ask({ type: "start", setup }, ports),
      startTimeoutMs,
    ).then(
      (isInTime) => {
        if (!isInTime) {
          throw this.#startError(`not within ${startTimeoutMs} ms`);
        }
      },
      (error) => {
        throw this.#startError(messageOf(error, MAX_REASON), error);
      },
    );
    this.ready.catch(() => {}); // those that await it get the error
  }

  /** Stops it gracefully; resolves when it has stopped, or failed to start. It may never answer; then `terminate` ends it. */
  stop(times: StopSettings): Promise<void> {
    return new Promise((resolve) => {
      const done = () => resolve();
      this.control.ask({ type: "stop", times })
        .then((stats) => {
          this.#hasStopped = true;
          this.#events.onStopped(this, stats as RuntimeStats);
        })
        .then(done, done);
      this.ready.catch(done);
    });
  }

  /** Ends it now. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }

  /** It cannot be terminated: from now on it counts as gone. */
  giveUp(): void {
    this.#onExit("did not end, and was given up");
  }

  #newWorker(): NodeWorker {
    const { Worker } = workerThreads();
    try {
      const url = programUrl(this.#program);
      const name = `reactio-${this.runtimeId}`;
      return outsideAsyncContext(() =>
        new Worker(url, { name, ...inheritedFlags() })
      );
    } catch (error) {
      throw this.#startError(messageOf(error, MAX_REASON), error);
    }
  }

  #startError(reason: string, cause?: unknown): WorkerStartError {
    const program = this.#program === undefined ? "" : ` by ${this.#program}`;
    return new WorkerStartError(
      `Cannot start the thread of runtime ${this.runtimeId}${program}: ${reason}`,
      { cause },
    );
  }

  #onExit(end: string): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    const error = new WorkerExitedError(
      `the thread of runtime ${this.runtimeId} ${end}`,
      { cause: this.#thrown },
    );
    this.control.lose(error);
    this.#peers.lose(this.runtimeId, error);
    this.#whenExited();
    this.#events.onExit(this, error);
  }

  #endBy(code: number): string {
    if (this.#thrown === undefined) {
      return this.#hasStopped ? "was stopped" : `ended with code ${code}`;
    }
    const name = textOf(read(this.#thrown, "name"));
    return `ended by ${name}: ${messageOf(this.#thrown, MAX_REASON)}`;
  }
}

/** The port to a worker: it ends with the worker. */
function workerPort(worker: NodeWorker): Port {
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    on: (event, listener) => worker.on(event, listener),
    close() {},
  };
}
