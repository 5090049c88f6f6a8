import { isObject, literalOf, messageOf, read } from "../../util/text.ts";
import { InvalidOptionError } from "../errors.ts";

/** What values an option accepts, and its default, if it has one. */
export interface OptionRule<T> {
  /**
   * What the value must be: an error message continues "it must be" with this.
   */
  readonly must: string;
  readonly default: T | undefined;
  accepts(value: unknown): boolean;
}

/** `Options` with all defaults filled in. */
export type Filled<Options> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};

export type Rules<Options> = {
  readonly [Name in keyof Options]-?: OptionRule<
    Exclude<Options[Name], undefined>
  >;
};

/** A number from `min` to `max`, both inclusive. */
export function number(
  min: number,
  max: number,
  byDefault?: number,
): OptionRule<number> {
  return custom(
    `a number from ${min} to ${max}`,
    (value) => isWithin(value, min, max),
    byDefault,
  );
}

/** An integer from `min` to `max`, both inclusive. */
export function integer(
  min: number,
  max: number,
  byDefault?: number,
): OptionRule<number> {
  return custom(
    `an integer from ${min} to ${max}`,
    (value) => isWithin(value, min, max) && Number.isInteger(value),
    byDefault,
  );
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && value >= min && value <= max;
}

/** One of `choices`. */
export function choice<T>(
  choices: readonly T[],
  byDefault?: T,
): OptionRule<T> {
  return custom(
    choices.map(literalOf).join(" or "),
    (value) => choices.includes(value as T),
    byDefault,
  );
}

export function flag(byDefault: boolean): OptionRule<boolean> {
  return choice<boolean>([true, false], byDefault);
}

/**
 * Any value for which `accepts` returns true; `must` describes it in messages.
 */
export function custom<T>(
  must: string,
  accepts: (value: unknown) => boolean,
  byDefault?: T,
): OptionRule<T> {
  return { must, accepts, default: byDefault };
}

export function aFunction<T extends (...args: never) => unknown>(
  byDefault?: T,
): OptionRule<T> {
  return custom(
    "a function",
    (value) => typeof value === "function",
    byDefault,
  );
}

export function anObject<T extends object>(byDefault?: T): OptionRule<T> {
  return custom("an object", isObject, byDefault);
}

/** An `AbortSignal`, possibly of another realm. */
export function abortSignal(): OptionRule<AbortSignal> {
  return custom(
    "an AbortSignal",
    (value) =>
      typeof read(value, "aborted") === "boolean" &&
      typeof read(value, "addEventListener") === "function" &&
      typeof read(value, "removeEventListener") === "function",
  );
}

/** The rules and defaults of a group of options. */
export class OptionTable<Options extends object> {
  readonly rules: Rules<Options>;
  readonly names: readonly (string & keyof Options)[];
  readonly defaults: Filled<Options>;

  constructor(rules: Rules<Options>) {
    this.rules = rules;
    this.names = Object.keys(rules) as (string & keyof Options)[];
    const defaults = this.names.map((name) => [name, rules[name].default]);
    this.defaults = Object.fromEntries(defaults) as Filled<Options>;
  }

  /**
   * The options that are set in `options`, each read once and checked;
   * undefined if none is. Throws {@linkcode InvalidOptionError}.
   */
  given(options: Options): Partial<Filled<Options>> | undefined {
    if (!isObject(options)) this.#refuse(options);
    let found: Record<string, unknown> | undefined = undefined;
    for (const name of this.names) {
      const value: unknown = readOption(options, name);
      if (value === undefined) continue;
      checkOption(name, value, this.rules[name]);
      (found ??= {})[name] = value;
    }
    return found as Partial<Filled<Options>> | undefined;
  }

  #refuse(options: unknown): never {
    throw new InvalidOptionError(
      `Cannot use ${
        literalOf(options)
      } as options: they must be an object, such as { ${this.names[0]}: … }`,
    );
  }

  /**
   * Fills in `options` from `defaults`; returns `defaults` itself if no option
   * is set. Throws {@linkcode InvalidOptionError}.
   */
  fill(
    options: Options,
    defaults: Filled<Options> = this.defaults,
  ): Filled<Options> {
    const given = this.given(options);
    return given === undefined ? defaults : { ...defaults, ...given };
  }
}

/**
 * Reads `options[name]`, which may run user code. Throws
 * {@linkcode InvalidOptionError} if that throws.
 */
export function readOption<O, K extends string & keyof O>(
  options: O,
  name: K,
): O[K] {
  try {
    return options[name];
  } catch (cause) {
    throw new InvalidOptionError(
      `Cannot read the option ${name}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/**
 * Throws {@linkcode InvalidOptionError} if `rule` does not accept `value`.
 * `name` is the option in the message.
 */
export function checkOption(
  name: string,
  value: unknown,
  { must, accepts }: OptionRule<unknown>,
): void {
  check(name, value, accepts(value), must);
}

/**
 * Throws {@linkcode InvalidOptionError} unless `isGood`. The message says that
 * the option `name` must be `what`.
 */
export function check(
  name: string,
  value: unknown,
  isGood: boolean,
  what: string,
): void {
  if (isGood) return;
  throw new InvalidOptionError(
    `Cannot use ${name} ${literalOf(value)}: it must be ${what}`,
  );
}
