const SIZE = 2 ** 20;

/** Twice as many random bytes as one call can return. */
const NOISE = new Uint8Array(2 * SIZE);
for (let i = 0, state = 1; i < NOISE.length; i++) {
  state = Math.imul(state, 1_664_525) + 1_013_904_223;
  NOISE[i] = state >>> 24;
}
let noiseUsed = 0;

/** Returns `size` bytes, up to 1 MiB, that differ from those of the last calls. */
export function freshBytes(size: number): Uint8Array {
  const start = noiseUsed;
  noiseUsed = (noiseUsed + size + 1) % SIZE;
  return NOISE.slice(start, start + size);
}
