/** True if both are the same type. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Does not compile unless `T` is true. */
export function holds<T extends true>(isTrue: T): T {
  return isTrue;
}
