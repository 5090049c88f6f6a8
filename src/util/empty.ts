/** No bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0);
