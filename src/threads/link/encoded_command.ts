import {
  copyPlain,
  isRecord,
  isShortString,
  NOT_PLAIN,
  PlainCopy,
} from "./plain_data.ts";

/** The keys of an object, in order, and which of them hold numbers. A shape is sent once; after that, only values are sent. */
export interface Shape {
  readonly keys: readonly string[];
  readonly areNumbers: readonly boolean[];
}

/** In place of the shape of a command that is a number. */
export const NUMBER: Shape = { keys: [], areNumbers: [] };

/** In place of the shape of a command that is one other value. */
export const SHAPELESS: Shape = { keys: [], areNumbers: [] };

/** The shape of an object without keys. */
export const NO_KEYS: Shape = { keys: [], areNumbers: [] };

/**
 * A command for another thread, read and copied: its numbers and its other
 * values. Reading may run the user's code (getters, traps of proxies), which may
 * throw, or send commands itself. So nothing else changes meanwhile, and using
 * what was read runs no such code.
 */
export class EncodedCommand {
  shape: Shape = SHAPELESS;
  /** The first `numberCount` of these belong to the command. */
  readonly numbers: number[] = [];
  numberCount = 0;
  /** The first `otherCount` of these belong to the command. */
  readonly others: unknown[] = [];
  otherCount = 0;
  /** What has been copied of it. */
  readonly seen: PlainCopy = new PlainCopy();

  /** Roughly how many bytes it takes in the other thread. */
  get size(): number {
    return this.seen.size;
  }

  /** Releases what was read. */
  clear(): void {
    this.seen.clear();
    this.others.length = 0;
  }

  /** Reads `cmd`, whose shape is probably `expected`; false if it is not small plain data. Throws what the user's code throws. */
  read(cmd: unknown, expected: Shape): boolean {
    this.seen.clear();
    if (typeof cmd === "object" && cmd !== null && isRecord(cmd)) {
      return this.#readRecord(cmd, expected);
    }
    const isNumber = typeof cmd === "number";
    this.shape = isNumber ? NUMBER : SHAPELESS;
    this.numberCount = isNumber ? 1 : 0;
    this.otherCount = isNumber ? 0 : 1;
    if (isNumber) {
      this.numbers[0] = cmd;
      return true;
    }
    const copy = copyPlain(cmd, this.seen);
    this.others[0] = copy;
    return copy !== NOT_PLAIN;
  }

  /** Rebuilds the object that was read. */
  toObject(): Record<string, unknown> {
    const { keys, areNumbers } = this.shape;
    const cmd: Record<string, unknown> = {};
    let number = 0;
    let other = 0;
    for (let i = 0; i < keys.length; i++) {
      cmd[keys[i]] = areNumbers[i]
        ? this.numbers[number++]
        : this.others[other++];
    }
    return cmd;
  }

  /** Reads each value once. */
  #readRecord(cmd: Record<string, unknown>, expected: Shape): boolean {
    const { keys, areNumbers } = expected;
    const { numbers, others } = this;
    let own: { keys: string[]; areNumbers: boolean[] } | undefined = undefined;
    let numberCount = 0;
    let otherCount = 0;
    let count = 0;
    let characterCount = 0;
    for (const key in cmd) {
      const value = cmd[key];
      const isNumber = typeof value === "number";
      if (
        own === undefined &&
        (keys[count] !== key || areNumbers[count] !== isNumber)
      ) own = beginning(expected, count);
      if (own !== undefined) {
        if (key === "__proto__") return false;
        own.keys.push(key);
        own.areNumbers.push(isNumber);
      }
      count++;
      if (isNumber) numbers[numberCount++] = value;
      else if (isShortString(value)) {
        characterCount += value.length;
        others[otherCount++] = value;
      } else {
        const copy = copyPlain(value, this.seen);
        if (copy === NOT_PLAIN) return false;
        others[otherCount++] = copy;
      }
    }
    if (count !== keys.length) own ??= beginning(expected, count);
    this.shape = own ?? expected;
    this.numberCount = numberCount;
    this.otherCount = otherCount;
    this.seen.size += characterCount + 8 * count;
    return true;
  }
}

/** The first `count` keys of `shape`. */
function beginning(
  { keys, areNumbers }: Shape,
  count: number,
): { keys: string[]; areNumbers: boolean[] } {
  return {
    keys: keys.slice(0, count),
    areNumbers: areNumbers.slice(0, count),
  };
}
