/** Replies longer than this are sent before more requests are executed: then nothing more is executed until they are out. */
export const HIGH_WATER_MARK = 1024 * 1024;

/** Bytes that may wait for a subscriber: who reads more slowly than that is dropped, as by Redis. */
export const MAX_OUTPUT_BUFFER = 32 * 1024 * 1024;
