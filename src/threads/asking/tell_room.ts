import { MAX_TOLD } from "../../tuning.ts";

/** The messages that a thread was told and is not done with: there is room for so many. */
export class TellRoom {
  #count = 0;
  #whenRoom: Promise<void> | undefined = undefined;
  #tellRoom: () => void = () => {};

  get isFull(): boolean {
    return this.#count >= MAX_TOLD;
  }

  /** A message was sent. */
  take(): void {
    this.#count++;
  }

  /** The thread is done with `count` more. */
  giveBack(count: number): void {
    this.#count -= count;
    if (this.#count <= MAX_TOLD / 2) this.#open();
  }

  /** The thread is gone: whoever waits need not wait any more. */
  lose(): void {
    this.#count = 0;
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
