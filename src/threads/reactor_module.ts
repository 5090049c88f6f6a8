/**
 * Modules of reactors: the factories that threads can be told to use.
 *
 * @module
 */

import {
  InvalidModuleError,
  UnknownFactoryError,
  WorkerStartError,
} from "../api/errors.ts";
import type { Adapter } from "../contract/adapter.ts";
import { isObject, read, textOf } from "../util/text.ts";
import type { Reactor, TcpListenerHandler } from "../api/reactor.ts";
import type { Asker } from "./asking/asker.ts";
import type { ReactorThread } from "./reactor_thread.ts";

/**
 * Makes a reactor in the thread where it will live; `param` was copied from the
 * thread that sent the command.
 *
 * @param param What the command carried, copied.
 * @param thread The thread that the reactor will live in.
 * @returns The reactor.
 *
 * @category Threads
 */
export type ReactorFactory = (
  param: never,
  thread: ReactorThread,
) => Reactor<never>;

/**
 * Makes a listener handler in the thread where it will live; `param` was copied
 * from the thread that asked to listen.
 *
 * @param param What the request to listen carried, copied.
 * @param thread The thread that the handler will live in.
 * @returns The handler.
 *
 * @category Threads
 */
export type ListenerFactory = (
  param: never,
  thread: ReactorThread,
) => TcpListenerHandler<never>;

/**
 * Answers questions and takes messages. `param` was copied from the thread that
 * sent them. For a question, what the function returns, or what its promise
 * resolves to, is copied back, except for buffers that it transfers by
 * {@linkcode transfer}. If it throws, the asker gets that error, with its class,
 * message and cause. For a message, nothing is sent back; a failure is logged.
 *
 * @param param What was sent, copied.
 * @param from Who sent it.
 * @returns The answer, or a promise of it.
 *
 * @category Threads
 */
export type ServiceFunction = (param: never, from: Asker) => unknown;

/**
 * Creates a service in the thread that it is called in: one function, or an
 * object of functions that share state. It is called when that thread first gets a
 * question or a message for the service.
 *
 * @param thread The thread that the service will live in.
 * @returns One function, or an object of functions.
 *
 * @category Threads
 */
export type ServiceFactory<Thread = ReactorThread> = (
  thread: Thread,
) => ServiceFunction | object;

/**
 * The factories and hooks that the threads of a {@linkcode ThreadedReactorMgr}
 * use. Made by {@linkcode defineReactors}.
 *
 * @category Threads
 */
export interface ReactorModule {
  /** For `sendConnect`: makes the reactor of a connection. */
  readonly reactors?: Readonly<Record<string, ReactorFactory>> | undefined;
  /** For `sendListen` and `listenAll`: makes the handler of a listener. */
  readonly listeners?: Readonly<Record<string, ListenerFactory>> | undefined;
  /** For `ask` and `tell`: makes a service of a thread. Each thread has its own. */
  readonly services?: Readonly<Record<string, ServiceFactory>> | undefined;
  /**
   * Makes the adapter that a thread connects and listens with, instead of the
   * adapter of its host. It is called once in each worker thread, and in the main
   * thread if that gets it as `ThreadedReactorOptions.adapter`.
   *
   * @returns The adapter.
   */
  readonly adapter?: (() => Adapter) | undefined;
  /**
   * Called in each thread before it is ready, and again after a restart. If it
   * fails, the start of the thread fails.
   *
   * @param thread The thread.
   * @returns Nothing, or a promise that the start waits for.
   */
  readonly onStart?:
    | ((thread: ReactorThread) => void | Promise<void>)
    | undefined;
  /**
   * Called in each thread that was started, as the last thing when it stops: its
   * runtime has stopped, and its reactors are gone. A failure is logged. It is not
   * called in a thread that crashes or is ended by force.
   *
   * @param thread The thread.
   * @returns Nothing, or a promise that the stop waits for, until a second beyond
   * the times of the stop.
   */
  readonly onStop?:
    | ((thread: ReactorThread) => void | Promise<void>)
    | undefined;
}

/** Marks a module as made by `defineReactors`, for every copy of this package. */
const MADE = Symbol.for("@reactio/reactio: defineReactors");

/**
 * Makes the default export of a module of reactors: named factories that the
 * threads of a {@linkcode ThreadedReactorMgr} use.
 *
 * A reactor cannot be sent to another thread. To have one there, name its factory
 * and pass a parameter that the structured clone algorithm can copy.
 *
 * @example A module of reactors, for a file of its own
 * ```ts
 * import { DefaultTcpListenerHandler, defineReactors, MessageResult } from "@reactio/reactio";
 *
 * export default defineReactors({
 *   listeners: {
 *     echo: (param: { greeting: string }) =>
 *       new DefaultTcpListenerHandler(() => ({
 *         onConnected: (ctx) => void ctx.sendOrQueue(new TextEncoder().encode(param.greeting)),
 *         onInboundMessage(buf, ctx) {
 *           ctx.sendOrQueue(buf);
 *           return MessageResult.dropMsgSize(buf.length);
 *         },
 *       })),
 *   },
 * });
 * ```
 *
 * @param module The factories, by name.
 * @returns `module`, marked as made by this function.
 * @throws {InvalidModuleError} If `module` is not an object, or a factory or hook
 * is not a function.
 *
 * @category Threads
 */
export function defineReactors<const Module extends ReactorModule>(
  module: Module,
): Module {
  checkPart("the module", module, isObject(module), "an object");
  const { reactors, listeners, services, adapter, onStart, onStop } = module;
  if (adapter !== undefined) {
    checkFactory("the adapter", adapter, "a function that makes one");
  }
  for (const [name, hook] of Object.entries({ onStart, onStop })) {
    if (hook !== undefined) checkFactory(name, hook);
  }
  const kinds = { reactors, listeners, services };
  for (const [kind, factories = {}] of Object.entries(kinds)) {
    checkPart(kind, factories, isObject(factories), "an object of functions");
    for (const [name, factory] of Object.entries(factories)) {
      checkFactory(`"${textOf(name)}"`, factory);
    }
  }
  const made = Object.isExtensible(module) ? module : { ...module };
  return Object.defineProperty(made, MADE, { value: true });
}

function checkFactory(name: string, value: unknown, must = "a function"): void {
  checkPart(name, value, typeof value === "function", must);
}

function checkPart(
  name: string,
  value: unknown,
  isGood: boolean,
  must: string,
): void {
  if (isGood) return;
  throw new InvalidModuleError(
    `Cannot define ${name} as ${textOf(value)}: it must be ${must}`,
  );
}

/** True while this thread loads its module. */
let isLoading = false;

/**
 * Throws {@linkcode WorkerStartError} while this thread loads its module: if that
 * started threads, these would load it, and start further ones.
 */
export function refuseWhileLoading(): void {
  if (!isLoading) return;
  throw new WorkerStartError(
    "Cannot start threads while a thread loads this module: do so only if isMainThread of node:worker_threads is true",
  );
}

/** Loads the module at `url` by `load`. Rejects with {@linkcode InvalidModuleError}, or with the module's own error. */
export async function loadModule(
  url: string,
  load: (url: string) => Promise<{ readonly default: ReactorModule }>,
): Promise<ReactorModule> {
  isLoading = true;
  const loaded = await load(url).finally(() => isLoading = false);
  if (read(loaded.default, MADE) === true) return loaded.default;
  throw new InvalidModuleError(
    `Cannot use ${url} as a module of reactors: its default export is not made by defineReactors`,
  );
}

/** The factory called `name` among `factories`. Throws {@linkcode UnknownFactoryError}. */
export function factoryOf<Factory>(
  factories: Readonly<Record<string, Factory>> | undefined,
  name: string,
  kind: "reactor" | "listener",
): Factory {
  if (typeof name !== "string") throw unknownFactory(name);
  if (factories !== undefined && Object.hasOwn(factories, name)) {
    return factories[name];
  }
  const known = Object.keys(factories ?? {}).map((key) => `"${textOf(key)}"`);
  throw new UnknownFactoryError(
    `Cannot make the ${kind} "${
      textOf(name)
    }": the module has no such factory, it has ${known.join(", ") || "none"}`,
  );
}

/** The error for a factory name that is not a string. */
export function unknownFactory(name: unknown): UnknownFactoryError {
  return new UnknownFactoryError(
    `Cannot make what ${textOf(name)} names: the name of a factory is a string`,
  );
}
