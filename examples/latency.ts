const COLUMNS = [
  "round trips",
  "min",
  "p50",
  "p99",
  "p99.9",
  "max µs",
  "trips/s",
];
const WIDTH = 11;

/** Measures round trips and prints a row about every `batch` of them. */
export class LatencyTable {
  readonly #micros: Float64Array;
  readonly #print: (line: string) => void;
  #count = 0;
  #start = 0;
  #end = 0;
  #hasHeading = false;

  constructor(batch: number, print: (line: string) => void = console.log) {
    this.#micros = new Float64Array(batch);
    this.#print = print;
  }

  /** Adds a round trip, whose times are those of `performance.now()`. */
  add(sentAt: number, receivedAt: number): void {
    if (this.#count === 0) this.#start = sentAt;
    this.#end = receivedAt;
    this.#micros[this.#count++] = 1000 * (receivedAt - sentAt);
    if (this.#count === this.#micros.length) this.#printRow();
  }

  /** Prints a row about the last batch, which is not full. */
  finish(): void {
    if (this.#count > 0) this.#printRow();
  }

  #printRow(): void {
    const sorted = this.#micros.subarray(0, this.#count).sort();
    const percentile = (share: number) =>
      sorted[Math.ceil(share * sorted.length) - 1].toFixed(1);
    const perSecond = 1000 * this.#count / (this.#end - this.#start);
    if (!this.#hasHeading) this.#print(line(COLUMNS));
    this.#hasHeading = true;
    this.#print(line([
      String(this.#count),
      sorted[0].toFixed(1),
      percentile(0.5),
      percentile(0.99),
      percentile(0.999),
      percentile(1),
      perSecond.toFixed(0),
    ]));
    this.#count = 0;
  }
}

function line(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(WIDTH)).join("");
}
