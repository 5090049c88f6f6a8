import { PAGE_BITS } from "../tuning.ts";

/** How many entries a page has: a list in pages grows without being copied. */
export const PAGE_SIZE: number = 1 << PAGE_BITS;

/** The page of the entry `index`, an integer of 0 or more. */
export function pageOf(index: number): number {
  return index >> PAGE_BITS;
}

/** The position of the entry `index` in its page. */
export function indexInPage(index: number): number {
  return index & (PAGE_SIZE - 1);
}
