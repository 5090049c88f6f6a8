interface TraceRecord {
  readonly time: number;
  readonly where: string;
  readonly what: string;
  readonly a: number;
  readonly b: number;
}

const NO_NUMBER = -1;
const TIME_WIDTH = 12;

/** What has happened in a simulation: the last records, and a hash of all of them. */
export class Trace {
  readonly #limit: number;
  readonly #records: TraceRecord[] = [];
  #count = 0;
  #hashA = 0x811c9dc5 | 0;
  #hashB = 0x2545f491 | 0;

  /** Keeps the last `limit` records. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many records were added. */
  get count(): number {
    return this.#count;
  }

  /** Records that `what` happened at `where`; the first `#` in `what` stands for `a`, the second for `b`, if they are given. */
  add(
    time: number,
    where: string,
    what: string,
    a: number = NO_NUMBER,
    b: number = NO_NUMBER,
  ): void {
    this.#mixText(where);
    this.#mixText(what);
    this.#mix(time | 0);
    this.#mix(Math.floor(time / 2 ** 32) ^ Math.imul(a, 31) ^ b);
    const index = this.#count++ % this.#limit;
    if (this.#limit > 0) this.#records[index] = { time, where, what, a, b };
  }

  /** The last records, as text. */
  get lines(): string[] {
    const start = this.#count > this.#limit ? this.#count % this.#limit : 0;
    const ordered = [
      ...this.#records.slice(start),
      ...this.#records.slice(0, start),
    ];
    return ordered.map(format);
  }

  /** A hash of everything in 16 digits: equal for equal runs. */
  get hash(): string {
    return hex(this.#hashA) + hex(this.#hashB);
  }

  #mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#mix(-1);
  }

  #mix(value: number): void {
    this.#hashA = Math.imul(this.#hashA ^ value, 0x01000193);
    const rotated = this.#hashB << 5 | this.#hashB >>> 27;
    this.#hashB = Math.imul(rotated ^ value, 0x9e3779b1);
  }
}

function format({ time, where, what, a, b }: TraceRecord): string {
  let text = what;
  if (a !== NO_NUMBER) text = text.replace("#", String(a));
  if (b !== NO_NUMBER) text = text.replace("#", String(b));
  return `${textOfTime(time)} ${where} ${text}`;
}

/** A virtual time, in microseconds, as the milliseconds at the start of a line. */
export function textOfTime(time: number): string {
  return (time / 1000).toFixed(3).padStart(TIME_WIDTH);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
