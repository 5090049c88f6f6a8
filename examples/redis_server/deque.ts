/** A list that grows and shrinks at both ends, in a ring. */
export class Deque implements Iterable<string> {
  #ring: string[] = new Array(4).fill("");
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The element at `index`, 0 to `length` - 1. */
  at(index: number): string {
    return this.#ring[this.#place(index)];
  }

  pushFirst(element: string): void {
    this.#makeRoom();
    this.#first = this.#place(this.#ring.length - 1);
    this.#ring[this.#first] = element;
    this.#length++;
  }

  pushLast(element: string): void {
    this.#makeRoom();
    this.#ring[this.#place(this.#length)] = element;
    this.#length++;
  }

  /** Undefined if it is empty. */
  popFirst(): string | undefined {
    if (this.#length === 0) return undefined;
    const element = this.#take(this.#first);
    this.#first = this.#place(1);
    this.#length--;
    return element;
  }

  /** Undefined if it is empty. */
  popLast(): string | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    return this.#take(this.#place(this.#length));
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let i = 0; i < this.#length; i++) yield this.at(i);
  }

  #place(index: number): number {
    return (this.#first + index) & (this.#ring.length - 1);
  }

  #take(place: number): string {
    const element = this.#ring[place];
    this.#ring[place] = ""; // nothing holds it any more
    return element;
  }

  #makeRoom(): void {
    if (this.#length < this.#ring.length) return;
    const ring = new Array<string>(2 * this.#length).fill("");
    for (let i = 0; i < this.#length; i++) ring[i] = this.at(i);
    this.#ring = ring;
    this.#first = 0;
  }
}
