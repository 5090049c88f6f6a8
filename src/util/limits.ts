/** The longest time of a timer, in milliseconds, and the largest count of an option. */
export const MAX_INT32: number = 2 ** 31 - 1;
