import { MAX_TOLD, MAX_TOLD_BYTES } from "../../tuning.ts";
import type { Amount } from "../link/amount.ts";

/** Counts the messages to a thread that are not done, and their bytes, and limits both. */
export class TellRoom {
  #count = 0;
  #bytes = 0;
  #whenRoom: Promise<void> | undefined = undefined;
  #tellRoom: () => void = () => {};

  get isFull(): boolean {
    return this.#count >= MAX_TOLD || this.#bytes >= MAX_TOLD_BYTES;
  }

  /** A message of `size` bytes was sent. */
  take(size: number): void {
    this.#count++;
    this.#bytes += size;
  }

  /** That many more are done. */
  giveBack({ count, bytes }: Amount): void {
    this.#count -= count;
    this.#bytes -= bytes;
    const isHalfFree = this.#count <= MAX_TOLD / 2 &&
      this.#bytes <= MAX_TOLD_BYTES / 2;
    if (isHalfFree) this.#open();
  }

  /** The thread is gone: all waits end. */
  lose(): void {
    this.#count = 0;
    this.#bytes = 0;
    this.#open();
  }

  /** Resolves when it is not full; if it is, when half of it is free. */
  whenRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return this.#whenRoom ??= new Promise((resolve) =>
      this.#tellRoom = resolve
    );
  }

  #open(): void {
    if (this.#whenRoom === undefined) return;
    this.#whenRoom = undefined;
    this.#tellRoom();
  }
}
