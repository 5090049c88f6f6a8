// How much longer than its time limits a stop may take; 2 s are promised.

/** Milliseconds beyond its time limits after which a worker is ended by force. */
export const STOP_MARGIN_MS = 1000;

/** Milliseconds after which a worker that cannot be terminated is given up. */
export const END_MARGIN_MS = 500;
