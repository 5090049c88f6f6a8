/**
 * Recording with a user's own taps.
 *
 * @module
 */

import type {
  RecordedConnection,
  Recorder,
  RecorderHost,
  Tap,
  Tappable,
} from "../api/recorder.ts";
import { addTap, removeTap } from "../api/taps.ts";
import { checkFunction } from "../api/check_function.ts";
import { callGuarded } from "../util/promises.ts";

/**
 * Creates a recorder, for the option `record`, that attaches your own taps to
 * connections. {@linkcode recordTo} is built on it.
 *
 * @param begin Called for each connection when it opens, before anything is
 *   read. It returns the tap that observes the connection, or undefined for
 *   none. If it throws, the connection gets no tap, and a log line says why.
 * @returns The recorder.
 * @throws {InvalidCallbackError} If `begin` is not a function.
 *
 * @category Tools
 * @example Counts what comes in
 * ```ts
 * import { ReactRuntime, recordBy } from "@reactio/reactio";
 *
 * let byteCount = 0;
 * const record = recordBy(() => ({
 *   onReceived: (_buffer, length) => void (byteCount += length),
 *   onSent() {},
 * }));
 * await using runtime = new ReactRuntime({ record });
 * ```
 */
export function recordBy(
  begin: (
    connection: RecordedConnection,
    host: RecorderHost,
  ) => Tap | undefined,
): Recorder {
  checkFunction(begin, "record to");
  return {
    begin(connection, tapped, time, onFailed) {
      const guard = new TapGuard(tapped, onFailed);
      addTap(tapped, guard);
      guard.begin((host) => begin(connection, host), time);
    },
  };
}

/**
 * Calls a tap, which may be user code, in the middle of reads and writes. If it
 * throws, it is removed, and the connection goes on.
 */
class TapGuard implements Tap {
  readonly #tapped: Tappable;
  readonly #onFailed: (thrown: unknown) => void;
  #tap: Tap | undefined = undefined;
  #hasFailed = false;

  constructor(tapped: Tappable, onFailed: (thrown: unknown) => void) {
    this.#tapped = tapped;
    this.#onFailed = onFailed;
  }

  begin(
    newTap: (host: RecorderHost) => Tap | undefined,
    time: Omit<RecorderHost, "stop">,
  ): void {
    this.#call(() =>
      this.#tap = newTap({
        now: () => time.now(),
        wallNow: () => time.wallNow(),
        defer: (callback) => time.defer(() => this.#call(callback)),
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
    removeTap(this.#tapped, this);
  }
}
