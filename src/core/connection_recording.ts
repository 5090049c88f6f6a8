import type { RecordedConnection, Recorder, Tap } from "../api/recorder.ts";
import { addTap, removeTap, type Tappable } from "../io/tap.ts";
import { callGuarded } from "../util/promises.ts";

/** What a recording is timed by. */
export interface RecordingLoop {
  now(): number;
  wallNow(): number;
  defer(callback: () => void): void;
}

/** Has `recorder` hear of `connection`, which sends by `sender`. If that throws, or what hears for it, `onFailed` is told, once: nothing more is heard, and nothing else happens. */
export function beginRecording(
  recorder: Recorder,
  connection: RecordedConnection,
  sender: Tappable,
  loop: RecordingLoop,
  onFailed: (thrown: unknown) => void,
): void {
  const guard = new TapGuard(sender, onFailed);
  addTap(sender, guard);
  guard.begin(recorder, connection, loop);
}

/** Stands before the tap of a recorder, which a user may have written, and which is called in the middle of reads and writes. */
class TapGuard implements Tap {
  readonly #sender: Tappable;
  readonly #onFailed: (thrown: unknown) => void;
  #tap: Tap | undefined = undefined;
  #hasFailed = false;

  constructor(sender: Tappable, onFailed: (thrown: unknown) => void) {
    this.#sender = sender;
    this.#onFailed = onFailed;
  }

  begin(
    recorder: Recorder,
    connection: RecordedConnection,
    loop: RecordingLoop,
  ): void {
    this.#call(() =>
      this.#tap = recorder.begin(connection, {
        now: () => loop.now(),
        wallNow: () => loop.wallNow(),
        defer: (callback) => loop.defer(() => this.#call(callback)),
        stop: (...why) => why.length === 0 ? this.#stop() : this.#fail(why[0]),
      })
    );
    if (this.#tap === undefined) this.#stop();
  }

  onReceived(buffer: Uint8Array, length: number): void {
    this.#call(() => this.#tap?.onReceived(buffer, length));
  }

  onSent(buffer: Uint8Array, start: number, end: number): void {
    this.#call(() => this.#tap?.onSent(buffer, start, end));
  }

  onEnd(): void {
    this.#call(() => this.#tap?.onEnd?.());
  }

  onPeerEnd(): void {
    this.#call(() => this.#tap?.onPeerEnd?.());
  }

  onClosed(reason: Error | undefined, isLost: boolean): void {
    this.#call(() => this.#tap?.onClosed?.(reason, isLost));
  }

  #call(callback: () => unknown): void {
    callGuarded(callback, (thrown) => this.#fail(thrown));
  }

  #fail(thrown: unknown): void {
    this.#stop();
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onFailed(thrown);
  }

  #stop(): void {
    removeTap(this.#sender, this);
  }
}
