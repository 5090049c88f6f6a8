/** The longest time in milliseconds that a timer takes, and the largest count that an option takes. */
export const MAX_INT32: number = 2 ** 31 - 1;
