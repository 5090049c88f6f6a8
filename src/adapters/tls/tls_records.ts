const HEADER_SIZE = 5;
const ALERT = 21;
const ALERT_SIZE = 2;
/**
 * What TLS 1.3 adds to the plaintext of an encrypted record: one byte for the
 * content type, and the tag of 16 bytes. From outside, an encrypted alert is
 * recognizable only by its size.
 */
const HIDDEN_OVERHEAD = 17;
const HIDDEN_ALERT_SIZE = ALERT_SIZE + HIDDEN_OVERHEAD;

/**
 * Parses the record headers of incoming ciphertext, and tells whether the last
 * record can have been an alert.
 *
 * Some runtimes report an end of TLS without its cause. An end that no alert
 * (close_notify) precedes is a truncation.
 */
export class RecordWatch {
  readonly #header = new Uint8Array(HEADER_SIZE);
  #headerSize = 0;
  /** Bytes still missing from the current record. */
  #missing = 0;
  #type = 0;
  #size = 0;
  #lastByte = 0;
  /**
   * Upper bound for the plaintext bytes in all records of the last read except
   * its last record.
   */
  #mostBefore = 0;
  /** The same bound, for all complete records of the last read. */
  #mostDecrypted = 0;
  /** Plaintext bytes decrypted from the last read so far. */
  #decrypted = 0;

  /** Consumes the next ciphertext: the first `size` of `bytes`. */
  onRead(bytes: Uint8Array, size: number = bytes.length): void {
    this.#decrypted = this.#mostDecrypted = this.#mostBefore = 0;
    for (let at = 0; at < size;) {
      if (this.#missing === 0) {
        this.#header[this.#headerSize++] = bytes[at++];
        if (this.#headerSize === HEADER_SIZE) this.#begin();
        continue;
      }
      const taken = Math.min(this.#missing, size - at);
      at += taken;
      this.#missing -= taken;
      this.#lastByte = bytes[at - 1];
      if (this.#missing === 0) this.#end();
    }
  }

  /** Counts plaintext bytes that the runtime decrypted from the last read. */
  onDecrypted(count: number): void {
    this.#decrypted += count;
  }

  /**
   * True if the last read ended with a whole record, and that can be an alert.
   */
  get endsInAlert(): boolean {
    if (this.#missing > 0 || this.#headerSize > 0) return false;
    if (this.#type === ALERT) return true;
    return this.#size === HIDDEN_ALERT_SIZE &&
      this.#decrypted <= this.#mostBefore;
  }

  /**
   * The code of the alert, if the last record is an unencrypted alert.
   */
  get plainAlert(): number | undefined {
    if (this.#missing > 0 || this.#headerSize > 0) return undefined;
    if (this.#type !== ALERT || this.#size !== ALERT_SIZE) return undefined;
    return this.#lastByte;
  }

  #begin(): void {
    const header = this.#header;
    this.#type = header[0];
    this.#size = this.#missing = 256 * header[3] + header[4];
    this.#headerSize = 0;
    if (this.#missing === 0) this.#end();
  }

  #end(): void {
    this.#mostBefore = this.#mostDecrypted;
    this.#mostDecrypted += Math.max(0, this.#size - HIDDEN_OVERHEAD);
  }
}
