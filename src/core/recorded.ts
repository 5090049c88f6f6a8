import type { Recorder, Tap } from "../api/recorder.ts";
import type { Socket } from "../contract/socket.ts";
import { addTap, removeTap, type Tappable } from "../io/tap.ts";

/** What a recording is timed by. */
export interface RecordingLoop {
  now(): number;
  wallNow(): number;
  defer(callback: () => void): void;
}

/** Has `recorder` hear of the connection of `socket`, which sends by `sender`. */
export function beginRecording(
  recorder: Recorder,
  loop: RecordingLoop,
  sender: Tappable,
  { localAddress, remoteAddress }: Socket,
  isAccepted: boolean,
): void {
  let tap: Tap | undefined = undefined;
  const stop = () => {
    if (tap !== undefined) removeTap(sender, tap);
  };
  tap = recorder.begin(
    { localAddress, remoteAddress, isAccepted },
    {
      now: () => loop.now(),
      wallNow: () => loop.wallNow(),
      defer: (callback) => loop.defer(callback),
      stop,
    },
  );
  if (tap !== undefined) addTap(sender, tap);
}
