// What a stop takes beyond its times at most: 2 s are promised.

/** The milliseconds beyond its times that a worker has to stop before it is ended by force. */
export const STOP_MARGIN_MS = 1000;

/** The milliseconds that it may take to be ended by force before it is given up. */
export const END_MARGIN_MS = 500;
