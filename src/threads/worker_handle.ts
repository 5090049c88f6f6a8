import { inNobodysContext } from "../adapters/async_context.ts";
import type { Engine } from "../core/engine.ts";
import { Timeout } from "../core/turn_loop.ts";
import { WorkerExitedError, WorkerStartError } from "../errors.ts";
import type { Control, ControlMessage } from "./control.ts";
import { errorOf } from "./error_record.ts";
import { newControl, type Peers } from "./peers.ts";
import type { Port } from "./port.ts";
import type { WorkerSetup } from "./worker_setup.ts";
import { type NodeWorker, workerThreads } from "./worker_threads.ts";

/** What a worker tells the main thread. */
export interface WorkerEvents {
  /** It asks or tells something about names; what is returned is the answer. */
  onMessage(handle: WorkerHandle, message: ControlMessage): unknown;
  /** It has ended. */
  onExit(handle: WorkerHandle, error: WorkerExitedError): void;
}

/** The milliseconds beyond its grace that a worker has to stop before it is ended by force. */
const STOP_MARGIN_MS = 2000;

const IS_SOURCE = import.meta.url.endsWith(".ts");

/** A worker, as the main thread sees it. */
export class WorkerHandle {
  readonly runtimeId: number;
  readonly control: Control;
  /** Resolves when it is ready, rejects when it fails to be. */
  readonly ready: Promise<unknown>;
  readonly #worker: NodeWorker;
  readonly #engine: Engine<unknown>;
  readonly #exited: Promise<void>;
  #thrown: Error | undefined = undefined;

  constructor(
    engine: Engine<unknown>,
    peers: Peers,
    setup: WorkerSetup,
    startTimeoutMs: number,
    events: WorkerEvents,
  ) {
    this.#engine = engine;
    this.runtimeId = setup.runtimeId;
    this.#worker = this.#newWorker();
    const port = workerPort(this.#worker);
    const link = peers.open(this.runtimeId, port);
    this.control = newControl(link, port, (message) => {
      if (message.type !== "crashed") return events.onMessage(this, message);
      return this.#thrown = errorOf(message.error);
    });
    this.#worker.on("error", (error) => {
      this.#thrown ??= error instanceof Error ? error : undefined;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        const error = this.#exitError(code);
        this.control.lose(error);
        peers.lose(this.runtimeId, error);
        resolve();
        events.onExit(this, error);
      });
    });
    const ports = setup.ports.map(([, port]) => port);
    this.ready = this.#within(
      this.control.ask({ type: "start", setup }, ports),
      startTimeoutMs,
    ).then(
      (isInTime) => {
        if (!isInTime) {
          throw this.#startError(`not within ${startTimeoutMs} ms`);
        }
      },
      (error) => {
        throw this.#startError(error.message, error);
      },
    );
    this.ready.catch(() => {}); // whoever waits hears of it
  }

  /** Has it stop in good order, and ends it: by force if it takes too long. */
  async stop(graceMs: number): Promise<void> {
    const hasStarted = await this.ready.then(() => true, () => false);
    if (hasStarted) {
      await this.#within(
        this.control.ask({ type: "stop", graceMs }),
        graceMs + STOP_MARGIN_MS,
      ).catch(() => {}); // it ended by itself
    }
  }

  /** Ends it now. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }

  #newWorker(): NodeWorker {
    const { Worker } = workerThreads();
    // Written out: bundlers and registries look for this form.
    const url = IS_SOURCE
      ? new URL("./worker.ts", import.meta.url)
      : new URL("./worker.js", import.meta.url);
    try {
      const name = `reactio-${this.runtimeId}`;
      return inNobodysContext(() => new Worker(localUrl(url), { name }));
    } catch (error) {
      throw this.#startError((error as Error).message, error as Error);
    }
  }

  /** Resolves to true with `promise`, and to false if it takes longer than `ms`. */
  #within(promise: Promise<unknown>, ms: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const { loop } = this.#engine;
      const timeout = new Timeout(() => resolve(false));
      loop.arm(timeout, ms);
      promise.then(() => resolve(true), reject)
        .finally(() => loop.disarm(timeout));
    });
  }

  #startError(reason: string, cause?: Error): WorkerStartError {
    return new WorkerStartError(
      `Cannot start the thread of runtime ${this.runtimeId}: ${reason}`,
      { cause },
    );
  }

  #exitError(code: number): WorkerExitedError {
    const reason = this.#thrown === undefined
      ? `with code ${code}`
      : `by ${this.#thrown.name}: ${this.#thrown.message}`;
    return new WorkerExitedError(
      `the thread of runtime ${this.runtimeId} ended ${reason}`,
      { cause: this.#thrown },
    );
  }
}

/** `node:worker_threads` takes no module from the network, as it is where Deno loads a package from JSR; but it takes one that imports it. */
function localUrl(url: URL): URL {
  return url.protocol === "file:"
    ? url
    : new URL(`data:text/javascript,import ${JSON.stringify(url.href)}`);
}

/** The port to a worker: it ends with the worker. */
function workerPort(worker: NodeWorker): Port {
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    on: (event, listener) => worker.on(event, listener),
    close() {},
  };
}
