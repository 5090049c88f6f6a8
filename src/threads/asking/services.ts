import { InvalidModuleError, UnknownServiceError } from "../../api/errors.ts";
import { forget } from "../../util/forget.ts";
import { isPromiseLike } from "../../util/promises.ts";
import { isObject, textOf } from "../../util/text.ts";
import type { Asker } from "./asker.ts";

type MakeService<Thread> = (thread: Thread) => unknown;

/** The services of one thread. Each is created on first use. */
export class Services<Thread> {
  readonly #factories: Readonly<Record<string, MakeService<Thread>>>;
  readonly #thread: Thread;
  readonly #made = new Map<string, object>();

  constructor(
    factories: Readonly<Record<string, MakeService<Thread>>> | undefined,
    thread: Thread,
  ) {
    this.#factories = factories ?? {};
    this.#thread = thread;
  }

  /** Calls the service `name`, or its function if `name` is `service.function`. Throws what that or its factory throws, or {@linkcode UnknownServiceError}. */
  call(name: string, param: unknown, from: Asker): unknown {
    const isWhole = Object.hasOwn(this.#factories, name);
    const dot = isWhole ? -1 : name.indexOf(".");
    const service = this.#service(dot < 0 ? name : name.slice(0, dot), name);
    const called = dot < 0 ? service : functionOf(service, name.slice(dot + 1));
    if (typeof called !== "function") {
      throw unknown(name, `it has ${listOf(callsOf(service, name, dot))}`);
    }
    return called.call(service, param, from);
  }

  #service(name: string, asked: string): object {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.#factories, name)) {
      const services = listOf(Object.keys(this.#factories));
      throw unknown(asked, `the thread has ${services}`);
    }
    const made = this.#factories[name](this.#thread);
    const isService = typeof made === "function" || isObject(made);
    if (!isService || isPromiseLike(made)) {
      forget(made);
      throw new InvalidModuleError(
        `Cannot use ${textOf(made)} as the service "${
          textOf(name)
        }": it must be a function, or an object of functions`,
      );
    }
    this.#made.set(name, made);
    return made;
  }
}

function unknown(name: string, has: string): UnknownServiceError {
  return new UnknownServiceError(
    `Cannot answer "${textOf(name)}": there is no such service, ${has}`,
  );
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `"${textOf(name)}"`).join(", ") || "none";
}

/** By which names what is asked for as `name` can be asked: `service`, or its functions. */
function callsOf(service: object, name: string, dot: number): string[] {
  const own = dot < 0 ? name : name.slice(0, dot);
  if (typeof service === "function") return [own];
  const names = new Set<string>();
  for (
    let at: object | null = service;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const isCalled = typeof functionOf(service, key) === "function";
      if (isCalled) names.add(`${own}.${key}`);
    }
  }
  return [...names];
}

/** The property `name` of `service`, unless every object or function has it. */
function functionOf(service: object, name: string): unknown {
  return typeof service === "function" || name in Object.prototype
    ? undefined
    : (service as Record<string, unknown>)[name];
}
