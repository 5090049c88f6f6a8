/**
 * What the module of reactors tells the type checker.
 *
 * @module
 */

import type { Reactor } from "../api/reactor.ts";

/**
 * Makes something of a parameter.
 *
 * @category Threads
 */
export type AnyFactory = (param: never, ...rest: never) => unknown;

/**
 * What of a module of reactors tells which factories there are: see `ReactorModule`.
 *
 * @category Threads
 */
export interface ModuleShape {
  /** Make reactors. */
  readonly reactors?: Readonly<Record<string, AnyFactory>> | undefined;
  /** Make listener handlers. */
  readonly listeners?: Readonly<Record<string, AnyFactory>> | undefined;
  /** Makes an adapter. */
  readonly adapter?: unknown;
  /** Called in each thread. */
  readonly onStart?: unknown;
}

/**
 * The factories of reactors of `Module`, by name.
 *
 * @category Threads
 */
export type ReactorsOf<Module extends ModuleShape> = Module extends
  { readonly reactors: infer Reactors } ? Reactors
  : string extends keyof NonNullable<Module["reactors"]>
    ? Readonly<Record<string, AnyFactory>>
  : unknown;

/**
 * The factories of listener handlers of `Module`, by name.
 *
 * @category Threads
 */
export type ListenersOf<Module extends ModuleShape> = Module extends
  { readonly listeners: infer Listeners } ? Listeners
  : string extends keyof NonNullable<Module["listeners"]>
    ? Readonly<Record<string, AnyFactory>>
  : unknown;

/**
 * The commands that reactors of `Module` take.
 *
 * @category Threads
 */
export type CommandOf<Module extends ModuleShape> = ReactorsOf<Module> extends
  Readonly<Record<string, (...args: never) => infer Made>>
  ? [Made] extends [Reactor<infer UserCommand>]
    ? [UserCommand] extends [never] ? unknown : UserCommand
  : unknown
  : unknown;

/**
 * `param` and `options` of a command that names the factory `Factory`: `param` may be left out if the factory needs none.
 *
 * @category Threads
 */
export type FactoryArguments<Factory, Options> = Factory extends
  (param: infer Param, ...rest: never) => unknown
  ? [Param] extends [never] ? [param?: unknown, options?: Options]
  : undefined extends Param ? [param?: Param, options?: Options]
  : [param: Param, options?: Options]
  : [param?: undefined, options?: Options];
