/**
 * The longest delay of a timer, in milliseconds, the largest count in an option,
 * and the largest file descriptor.
 */
export const MAX_INT32: number = 2 ** 31 - 1;
