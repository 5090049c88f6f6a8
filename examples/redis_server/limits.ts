/** Once replies have so many bytes, nothing more is executed for the client until they are out. */
export const HIGH_WATER_MARK = 1024 * 1024;

/** Bytes that may wait for a subscriber. If there are more, it is disconnected, as by Redis. */
export const MAX_OUTPUT_BUFFER = 32 * 1024 * 1024;
