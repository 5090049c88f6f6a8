import { BORROWED, type Socket } from "../../mod.ts";
import { WrappedAdapter, WrappedSocket } from "../support/wrapped_adapter.ts";

/**
 * The system refuses writes while it holds more than this: SO_SNDBUF on
 * Windows.
 */
const FULL_SIZE = 64 * 1024;

/**
 * A socket of a system that accepts a write as a whole, however large, unless
 * it is full.
 */
class GreedySocket extends WrappedSocket {
  /** The accepted writes, and how much of the first one is passed on. */
  #taken: Uint8Array[] = [];
  #passed = 0;
  #size = 0;
  #isBorrowed = false;
  /** True if a write was refused. */
  #isFull = false;
  #isShutDown = false;

  override get borrowsWrites(): boolean {
    return false;
  }

  override write(buffer: Uint8Array, start: number, end: number): number {
    if (this.#size > FULL_SIZE) {
      this.#isFull = true;
      return 0;
    }
    this.#taken.push(buffer.slice(start, end));
    this.#size += end - start;
    this.#passOn();
    return end - start;
  }

  override shutdownWrite(): void {
    this.#isShutDown = true;
    if (this.#size === 0) super.shutdownWrite();
  }

  override onWritable(): void {
    if (this.#size > 0) {
      if (this.#isBorrowed) this.#drop(this.#taken[0].length);
      this.#isBorrowed = false;
      this.#passOn();
      if (this.#size === 0 && this.#isShutDown) super.shutdownWrite();
    }
    if (!this.#isFull || this.#size > FULL_SIZE) return;
    this.#isFull = false;
    super.onWritable();
  }

  #passOn(): void {
    while (this.#taken.length > 0 && !this.#isBorrowed) {
      const [bytes] = this.#taken;
      const passed = this.inner.write(bytes, this.#passed, bytes.length);
      if (passed === BORROWED) this.#isBorrowed = true;
      else this.#drop(passed);
      if (passed === 0 || this.#passed > 0) return;
    }
  }

  #drop(count: number): void {
    this.#size -= count;
    this.#passed += count;
    if (this.#passed < this.#taken[0].length) return;
    this.#taken.shift();
    this.#passed = 0;
  }
}

/** `inner` on a system that accepts whole writes, as Windows does. */
export class GreedyAdapter extends WrappedAdapter<GreedySocket> {
  protected override wrap(socket: Socket): GreedySocket {
    return new GreedySocket(socket);
  }
}
