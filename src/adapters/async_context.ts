/**
 * Keeps users' asynchronous contexts (`AsyncLocalStorage`) out of events.
 *
 * A runtime calls back in the context of the caller. Here one callback serves
 * many: a turn that was requested for one user's command executes the commands
 * of others, and one microtask may lead to the reads of many sockets. So every
 * request to the runtime is made in the context in which this module was
 * loaded, and events run in that context.
 *
 * @module
 */

import { findModule } from "./host_modules.ts";

interface AsyncResource {
  runInAsyncScope<Args extends unknown[], Result>(
    action: (...args: Args) => Result,
    thisArg: unknown,
    ...args: Args
  ): Result;
}

/** The part of `node:async_hooks` that is used. */
interface AsyncHooks {
  readonly AsyncResource: new (type: string) => AsyncResource;
}

const hooks = findModule<AsyncHooks>("node:async_hooks");

/**
 * The context in which this module was loaded; undefined on a runtime without
 * contexts.
 */
const outside = hooks && new hooks.AsyncResource("Reactio");

/**
 * Calls `action` with `args` outside of any user's context, so that callbacks
 * it requests from the runtime run there as well. `action` must not call users:
 * on Node before 24, a store set by `enterWith` would leak into that context.
 */
export function outsideAsyncContext<Args extends unknown[], Result>(
  action: (...args: Args) => Result,
  ...args: Args
): Result {
  return outside === undefined
    ? action(...args)
    : outside.runInAsyncScope(action, undefined, ...args);
}

/**
 * Calls back in a microtask, in the context in which the signal was created.
 * Create it while a module is loading. It keeps the context by a pending
 * promise, which on Deno takes a fifth of the time of a context switch.
 */
export class Signal {
  readonly #callback: () => void;
  /**
   * Schedules the callback. Has no effect while the callback is already
   * scheduled.
   */
  send!: () => void;

  constructor(callback: () => void) {
    this.#callback = callback;
    new Promise<void>(this.#setSend).then(this.#onSent);
  }

  readonly #setSend = (send: () => void): void => {
    this.send = send;
  };

  readonly #onSent = (): void => {
    new Promise<void>(this.#setSend).then(this.#onSent);
    this.#callback();
  };
}
