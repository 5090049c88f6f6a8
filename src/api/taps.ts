import type { Tap, Tappable } from "./recorder.ts";

/** Adds `tap` to `tapped`, besides any that it already has. */
export function addTap(tapped: Tappable, tap: Tap): void {
  tapped.tap = tapped.tap === undefined ? tap : new Taps(tapped.tap, tap);
}

export function removeTap(tapped: Tappable, tap: Tap): void {
  tapped.tap = without(tapped.tap, tap);
}

function without(from: Tap | undefined, tap: Tap): Tap | undefined {
  if (from === tap) return undefined;
  if (!(from instanceof Taps)) return from;
  const first = without(from.first, tap);
  const second = without(from.second, tap);
  return first && second ? new Taps(first, second) : first ?? second;
}

/** Passes every event to two taps. */
class Taps implements Tap {
  readonly first: Tap;
  readonly second: Tap;

  constructor(first: Tap, second: Tap) {
    this.first = first;
    this.second = second;
  }

  onReceived(buffer: Uint8Array, length: number): void {
    this.first.onReceived(buffer, length);
    this.second.onReceived(buffer, length);
  }

  onSent(buffer: Uint8Array, start: number, end: number): void {
    this.first.onSent(buffer, start, end);
    this.second.onSent(buffer, start, end);
  }

  onEnd(): void {
    this.first.onEnd?.();
    this.second.onEnd?.();
  }

  onPeerEnd(): void {
    this.first.onPeerEnd?.();
    this.second.onPeerEnd?.();
  }

  onClosed(reason: Error | undefined, isLost: boolean): void {
    this.first.onClosed?.(reason, isLost);
    this.second.onClosed?.(reason, isLost);
  }
}
