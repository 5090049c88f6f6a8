/**
 * The longest delay of a timer, in milliseconds, and the largest count in an
 * option.
 */
export const MAX_INT32: number = 2 ** 31 - 1;
