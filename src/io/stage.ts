/** How many bytes of a read are dealt with at a time, if they come in small messages. */
export const STAGE_SIZE = 8 * 1024;

/** Who has yet to send bytes that lie on a {@linkcode Stage}. */
export interface StageBorrower {
  /** The bytes are about to be overwritten: copy what is needed. */
  returnStage(): void;
}

/**
 * Where reads are laid out to be handed to handlers.
 *
 * A handler gets everything from the start of its message to the end of the
 * read. All these views end at the same place if the read is laid against the
 * end of a buffer, so that a view is known by its length alone, made once, and
 * never again: in steady state no object is made per message.
 *
 * Its fields are fields and no getters, which JavaScriptCore would not inline as
 * deep as this is called.
 */
export class Stage {
  /** What reads are laid out in. */
  bytes: Uint8Array = new Uint8Array(STAGE_SIZE);
  #views = noViews();
  #borrower: StageBorrower | undefined;
  /** What was shown last. */
  current: Uint8Array | undefined = undefined;
  /** Where that begins. */
  start = 0;

  /** Lays out `count` bytes, 1 to `STAGE_SIZE`: first those of `tail` from `tailPos` to `tailEnd`, then those of `chunk` from `chunkPos` on. */
  load(
    count: number,
    tail: Uint8Array,
    tailPos: number,
    tailEnd: number,
    chunk: Uint8Array,
    chunkPos: number,
  ): void {
    if (this.#borrower !== undefined) this.#takeBack();
    if (this.bytes.length === 0) this.#replaceDetached();
    const held = tailEnd - tailPos;
    const start = STAGE_SIZE - count;
    if (held > 0) {
      this.bytes.set(tail.subarray(tailPos, tailEnd), start);
    }
    const end = chunkPos + count - held;
    this.bytes.set(
      chunkPos === 0 && end === chunk.length
        ? chunk
        : chunk.subarray(chunkPos, end),
      start + held,
    );
  }

  /** The last `length` bytes of what is laid out; empty if somebody has transferred them to another thread. */
  view(length: number): Uint8Array {
    return this.#views[length] ?? this.#makeView(length);
  }

  /** The same, to be handed to a handler. */
  show(length: number): Uint8Array {
    this.start = STAGE_SIZE - length;
    return this.current = this.view(length);
  }

  /** Lets `borrower` use the bytes up to the next `load`; false if somebody else does. */
  lend(borrower: StageBorrower): boolean {
    this.#borrower ??= borrower;
    return this.#borrower === borrower;
  }

  #makeView(length: number): Uint8Array {
    const bytes = this.bytes;
    if (bytes.length === 0) return bytes;
    return this.#views[length] = bytes.subarray(STAGE_SIZE - length);
  }

  #takeBack(): void {
    const borrower = this.#borrower;
    this.#borrower = undefined;
    borrower?.returnStage();
  }

  #replaceDetached(): void {
    this.bytes = new Uint8Array(STAGE_SIZE);
    this.#views = noViews();
  }
}

/** Filled at once: an array that grows by leaps becomes a hash table. */
function noViews(): (Uint8Array | undefined)[] {
  return new Array(STAGE_SIZE + 1).fill(undefined);
}
