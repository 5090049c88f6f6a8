const HEADER_SIZE = 5;
const ALERT = 21;
/** Of TLS 1.3: an alert of two bytes, the byte that tells its kind, and the tag; who looks at it from outside sees no more than the size. */
const HIDDEN_OVERHEAD = 17;
const HIDDEN_ALERT_SIZE = 2 + HIDDEN_OVERHEAD;

/**
 * The records that a peer has sent, seen from outside: knows whether the last
 * thing that it has said can have been an alert. Where a runtime ends what is said
 * in TLS without telling why, what was no alert was no end, but a cut.
 */
export class RecordWatch {
  readonly #header = new Uint8Array(HEADER_SIZE);
  #headerSize = 0;
  /** How much is missing of the record that has begun. */
  #missing = 0;
  #type = 0;
  #size = 0;
  /** What the records of the last read can have told at most, but for the last. */
  #mostBefore = 0;
  #mostTold = 0;
  /** What came out of them. */
  #told = 0;

  /** The next of what has come in: the first `size` of `bytes`. */
  onRead(bytes: Uint8Array, size: number = bytes.length): void {
    this.#told = this.#mostTold = this.#mostBefore = 0;
    for (let at = 0; at < size;) {
      if (this.#missing === 0) {
        this.#header[this.#headerSize++] = bytes[at++];
        if (this.#headerSize === HEADER_SIZE) this.#begin();
        continue;
      }
      const taken = Math.min(this.#missing, size - at);
      at += taken;
      this.#missing -= taken;
      if (this.#missing === 0) this.#end();
    }
  }

  /** `count` bytes came out of the last read. */
  onTold(count: number): void {
    this.#told += count;
  }

  /** True if the last thing that came in was an alert. */
  get endsInAlert(): boolean {
    if (this.#missing > 0 || this.#headerSize > 0) return false;
    if (this.#type === ALERT) return true;
    return this.#size === HIDDEN_ALERT_SIZE && this.#told <= this.#mostBefore;
  }

  #begin(): void {
    const header = this.#header;
    this.#type = header[0];
    this.#size = this.#missing = 256 * header[3] + header[4];
    this.#headerSize = 0;
    if (this.#missing === 0) this.#end();
  }

  #end(): void {
    this.#mostBefore = this.#mostTold;
    this.#mostTold += Math.max(0, this.#size - HIDDEN_OVERHEAD);
  }
}
