import { isObject, messageOf, read, textOf } from "../util/text.ts";
import { InvalidOptionError } from "./errors.ts";

/** A number of a range, both ends inclusive. */
export interface NumberRule {
  readonly kind: "integer" | "number";
  readonly min: number;
  readonly max: number;
  readonly default: number | undefined;
}

/** One of a few values. */
export interface ChoiceRule<T> {
  readonly kind: "choice";
  readonly choices: readonly T[];
  readonly default: T | undefined;
}

/** What only code can tell. */
export interface CustomRule<T> {
  readonly kind: "custom";
  /** What follows "it must be" if it is refused. */
  readonly must: string;
  readonly default: T | undefined;
  accepts(value: unknown): boolean;
}

/** What an option may be, and what it is if nothing is said; undefined if that is no one value. */
export type OptionRule<T> =
  | (T extends number ? NumberRule : never)
  | ChoiceRule<T>
  | CustomRule<T>;

/** A rule of any kind. */
export type AnyRule = NumberRule | ChoiceRule<unknown> | CustomRule<unknown>;

/** `Options` with nothing left out. */
export type Filled<Options> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};

/** A rule for each option. */
export type Rules<Options> = {
  readonly [Name in keyof Options]-?: OptionRule<
    Exclude<Options[Name], undefined>
  >;
};

/** A number from `min` to `max`. */
export function number(
  min: number,
  max: number,
  byDefault?: number,
): NumberRule {
  return { kind: "number", min, max, default: byDefault };
}

/** An integer from `min` to `max`. */
export function integer(
  min: number,
  max: number,
  byDefault?: number,
): NumberRule {
  return { kind: "integer", min, max, default: byDefault };
}

/** One of `choices`. */
export function choice<T>(
  choices: readonly T[],
  byDefault?: T,
): ChoiceRule<T> {
  return { kind: "choice", choices, default: byDefault };
}

/** True or false. */
export function flag(byDefault: boolean): ChoiceRule<boolean> {
  return choice<boolean>([true, false], byDefault);
}

/** What `accepts` accepts. */
export function custom<T>(
  must: string,
  accepts: (value: unknown) => boolean,
  byDefault?: T,
): CustomRule<T> {
  return { kind: "custom", must, accepts, default: byDefault };
}

/** What is called. */
export function aFunction<T extends (...args: never) => unknown>(
  byDefault?: T,
): CustomRule<T> {
  return custom(
    "a function",
    (value) => typeof value === "function",
    byDefault,
  );
}

/** What has options, or anything else, by name. */
export function anObject<T extends object>(byDefault?: T): CustomRule<T> {
  return custom("an object", isObject, byDefault);
}

/** An `AbortSignal`, of whatever realm. */
export function abortSignal(): CustomRule<AbortSignal> {
  return custom(
    "an AbortSignal",
    (value) =>
      typeof read(value, "aborted") === "boolean" &&
      typeof read(value, "addEventListener") === "function" &&
      typeof read(value, "removeEventListener") === "function",
  );
}

/** The options of one group: what each may be, and is if nothing is said. */
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
   * What is given in `options`, each read once and checked; undefined if nothing
   * is. Throws {@linkcode InvalidOptionError}.
   */
  given(options: Options): Partial<Filled<Options>> | undefined {
    let found: Record<string, unknown> | undefined = undefined;
    for (const name of this.names) {
      const value: unknown = readOption(options, name);
      if (value === undefined) continue;
      checkOption(name, value, this.rules[name]);
      (found ??= {})[name] = value;
    }
    return found as Partial<Filled<Options>> | undefined;
  }

  /** Fills `options` up from `defaults`, which are returned if nothing is given. Throws {@linkcode InvalidOptionError}. */
  fill(
    options: Options,
    defaults: Filled<Options> = this.defaults,
  ): Filled<Options> {
    const given = this.given(options);
    return given === undefined ? defaults : { ...defaults, ...given };
  }
}

/** `options[name]`, whatever `options` are. Throws {@linkcode InvalidOptionError} if that cannot be read. */
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

/** Throws {@linkcode InvalidOptionError} unless `value`, which is called `name`, is as `rule` says. */
export function checkOption(name: string, value: unknown, rule: AnyRule): void {
  switch (rule.kind) {
    case "integer":
    case "number": {
      const { kind, min, max } = rule;
      const isGood = typeof value === "number" && value >= min &&
        value <= max && (kind === "number" || Number.isInteger(value));
      const what = kind === "integer" ? "an integer" : "a number";
      return check(name, value, isGood, `${what} from ${min} to ${max}`);
    }
    case "choice": {
      const isGood = rule.choices.includes(value);
      return check(name, value, isGood, rule.choices.map(String).join(" or "));
    }
    case "custom":
      return check(name, value, rule.accepts(value), rule.must);
  }
}

/** Throws {@linkcode InvalidOptionError} unless `isGood`: `value`, which is called `name`, must be `what`. */
export function check(
  name: string,
  value: unknown,
  isGood: boolean,
  what: string,
): void {
  if (isGood) return;
  throw new InvalidOptionError(
    `Cannot use ${name} ${textOf(value)}: it must be ${what}`,
  );
}
