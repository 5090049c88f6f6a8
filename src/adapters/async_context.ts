/**
 * In whose asynchronous context (`AsyncLocalStorage`) events come: in nobody's.
 *
 * A host calls back in the context of whoever asked. One callback serves
 * many here: the turn that somebody's command asks for carries out commands of
 * others, and the reads of many sockets may follow one microtask. So whatever
 * is asked of the host is asked for in the context in which this module was
 * loaded, and events find that.
 *
 * @module
 */

import { findModule } from "./host_modules.ts";

interface AsyncResource {
  runInAsyncScope<Args extends unknown[], Result>(
    call: (...args: Args) => Result,
    thisArg: unknown,
    ...args: Args
  ): Result;
}

/** What is used of `node:async_hooks`. */
interface AsyncHooks {
  readonly AsyncResource: new (type: string) => AsyncResource;
}

const hooks = findModule<AsyncHooks>("node:async_hooks");

/** Holds the context in which this module was loaded; undefined where there are no contexts. */
const nobody = hooks && new hooks.AsyncResource("Reactio");

/**
 * Calls `ask` with `args` in nobody's context, which what it asks the host for
 * will find. It is to call no user: Node before 24 would keep what is set by
 * `enterWith` in there.
 */
export function inNobodysContext<Args extends unknown[], Result>(
  ask: (...args: Args) => Result,
  ...args: Args
): Result {
  return nobody === undefined
    ? ask(...args)
    : nobody.runInAsyncScope(ask, undefined, ...args);
}

/**
 * Has a callback follow in a microtask, in nobody's context: that in which this
 * was made, which V8 keeps with a promise, at a fifth of what Deno takes to
 * change contexts. To be made as a module is loaded.
 */
export class Signal {
  readonly #callback: () => void;
  /** Has the callback follow; called again before that, it does nothing. */
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
