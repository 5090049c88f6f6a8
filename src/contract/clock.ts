/** A timer that {@linkcode Adapter.setTimer} armed. */
export type TimerHandle = unknown;
