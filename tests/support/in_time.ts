import { steadyClock } from "./steady_clock.ts";

/**
 * Runs `body`. Rejects if it takes longer than `limitMs` of the steady clock.
 */
export async function inTime<T>(
  body: () => Promise<T>,
  limitMs: number,
): Promise<T> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    const error = () => new Error(`still running after ${limitMs} ms`);
    timer = steadyClock.setTimer(() => reject(error()), limitMs);
  });
  try {
    return await Promise.race([body(), late]);
  } finally {
    steadyClock.clearTimer(timer);
  }
}
