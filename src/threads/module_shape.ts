/**
 * What the type checker knows about a module of reactors.
 *
 * @module
 */

import type { Reactor, TcpListenerHandler } from "../api/reactor.ts";
import type { AskOptions } from "./asking/ask_options.ts";
import type { TellOptions, TellResult } from "./asking/tell_options.ts";
import type { ThreadId } from "./thread_id.ts";

/**
 * A factory of any kind: makes something from a parameter.
 *
 * @param param What it is made from.
 * @param rest What the factory is given besides.
 * @returns What it makes.
 *
 * @category Threads
 */
export type AnyFactory = (param: never, ...rest: never) => unknown;

/**
 * The part of a module of reactors that says which factories it has: see `ReactorModule`.
 *
 * @category Threads
 */
export interface ModuleShape {
  /** Make reactors. */
  readonly reactors?: Readonly<Record<string, AnyFactory>> | undefined;
  /** Make listener handlers. */
  readonly listeners?: Readonly<Record<string, AnyFactory>> | undefined;
  /** Make services. */
  readonly services?: Readonly<Record<string, AnyFactory>> | undefined;
  /** Makes an adapter. */
  readonly adapter?: unknown;
  /** Called in each thread when it starts. */
  readonly onStart?: unknown;
  /** Called in each thread when it stops. */
  readonly onStop?: unknown;
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
 * The services of `Module`, by name.
 *
 * @category Threads
 */
export type ServicesOf<Module extends ModuleShape> = Module extends
  { readonly services: infer Services } ? Services
  : string extends keyof NonNullable<Module["services"]>
    ? Readonly<Record<string, AnyFactory>>
  : unknown;

/**
 * All commands that reactors of `Module` take, including those that its
 * listeners make: what may be sent to a reactor if nothing more is known of it.
 *
 * @category Threads
 */
export type CommandOf<Module extends ModuleShape> =
  (TakenByAny<ReactorsOf<Module>> | TakenByAny<ListenersOf<Module>>) extends
    infer UserCommand ? [UserCommand] extends [never] ? unknown : UserCommand
    : never;

/**
 * The commands that reactors made by any of `Factories` take, as far as they are
 * known.
 *
 * @category Threads
 */
export type TakenByAny<Factories> = {
  [Name in keyof Factories]: unknown extends TakenBy<Factories[Name]> ? never
    : TakenBy<Factories[Name]>;
}[keyof Factories];

/**
 * The commands that reactors made by `Factory` take.
 *
 * @category Threads
 */
export type TakenBy<Factory> = Factory extends
  (...args: never) => Reactor<infer UserCommand, infer _Value> ? UserCommand
  : Factory extends (...args: never) => TcpListenerHandler<infer UserCommand>
    ? UserCommand
  : unknown;

/**
 * What reactors made by `Factory` return for commands.
 *
 * @category Threads
 */
export type ReturnedBy<Factory> = Factory extends
  (...args: never) => Reactor<infer _UserCommand, infer Value> ? Value
  : unknown;

/**
 * `param` and `options` of a command that names `Factory`, or of a question or
 * message to the function `Factory`. `param` may be left out if none is needed.
 *
 * @category Threads
 */
export type FactoryArguments<Factory, Options> = Factory extends
  (param: infer Param, ...rest: never) => unknown
  ? [Param] extends [never] ? [param?: unknown, options?: Options]
  : undefined extends Param ? [param?: Param, options?: Options]
  : [param: Param, options?: Options]
  : [param?: undefined, options?: Options];

/**
 * What can be asked or told of `Services`: the name of a service that is a
 * function, or `service.function` if it has several.
 *
 * @category Threads
 */
export type QuestionName<Services> = {
  [Name in string & keyof Services]: Services[Name] extends
    (...args: never) => infer Service ? Service extends AnyFactory ? Name
    : {
      [Called in string & keyof Service]: Service[Called] extends AnyFactory
        ? `${Name}.${Called}`
        : never;
    }[string & keyof Service]
    : never;
}[string & keyof Services];

/**
 * The function of `Services` that is called `Name`.
 *
 * @category Threads
 */
export type ServiceFunctionOf<Services, Name> = Name extends keyof Services
  ? Services[Name] extends (...args: never) => infer Service ? Service : never
  : Name extends `${infer Service}.${infer Called}`
    ? ServiceFunctionOf<Services, Service> extends infer Made
      ? Called extends keyof Made ? Made[Called] : never
    : never
  : never;

/**
 * The answer of `Called`, a function of a service.
 *
 * @category Threads
 */
export type AnswerOf<Called> = Called extends (...args: never) => infer Result
  ? Awaited<Result>
  : never;

/**
 * The type of `ask` if the services are known: see `ReactorThreads.ask`.
 *
 * @category Threads
 */
export interface AskServices<Services> {
  <Name extends QuestionName<Services>>(
    thread: ThreadId,
    service: Name,
    ...args: FactoryArguments<ServiceFunctionOf<Services, Name>, AskOptions>
  ): Promise<AnswerOf<ServiceFunctionOf<Services, Name>>>;
}

/**
 * The type of `tell` if the services are known: see `ReactorThreads.tell`.
 *
 * @category Threads
 */
export interface TellServices<Services> {
  <Name extends QuestionName<Services>>(
    thread: ThreadId,
    service: Name,
    ...args: FactoryArguments<ServiceFunctionOf<Services, Name>, TellOptions>
  ): TellResult;
}

/**
 * The type of `ask` if the services are not known: the caller states the type of
 * the answer. See `ReactorThreads.ask`.
 *
 * @category Threads
 */
export interface AskAnything {
  <Answer = unknown>(
    thread: ThreadId,
    service: string,
    param?: unknown,
    options?: AskOptions,
  ): Promise<Answer>;
}

/**
 * The type of `tell` if the services are not known: see `ReactorThreads.tell`.
 *
 * @category Threads
 */
export interface TellAnything {
  (
    thread: ThreadId,
    service: string,
    param?: unknown,
    options?: TellOptions,
  ): TellResult;
}

/**
 * The type of `ask` for the services of `Module`: see `ReactorThreads.ask`.
 *
 * @category Threads
 */
export type Ask<Module extends ModuleShape = ModuleShape> = string extends
  keyof ServicesOf<Module> ? AskAnything : AskServices<ServicesOf<Module>>;

/**
 * The type of `tell` for the services of `Module`: see `ReactorThreads.tell`.
 *
 * @category Threads
 */
export type Tell<Module extends ModuleShape = ModuleShape> = string extends
  keyof ServicesOf<Module> ? TellAnything : TellServices<ServicesOf<Module>>;
