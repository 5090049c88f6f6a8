import { it } from "node:test";
import { inTime } from "../support/in_time.ts";
import type { Environment } from "./environment.ts";

type Body = () => Promise<void>;

/** Far longer than such a test takes: one that hangs then fails by itself. */
const LIMIT_MS = 30_000;

/**
 * Returns a `test` for those tests of a `describe` that mostly wait: all of
 * them run while the first one does. Each needs a runtime of its own. It must
 * neither change nor look at what the process shares, such as the log, nor
 * block the event loop, nor measure how fast something is, nor rely on being in
 * time itself.
 */
export function sideBySide(
  { isSimulated }: Environment,
): (name: string, body: Body) => void {
  // Simulated waiting takes no time.
  if (isSimulated) return (name, body) => void it(name, body);
  const bodies: Body[] = [];
  const running: Promise<void>[] = [];
  return (name, body) => {
    const index = bodies.push(body) - 1;
    it(name, async () => {
      const left = bodies.slice(running.length);
      running.push(...left.map((body) => inTime(body, LIMIT_MS)));
      await Promise.allSettled(running);
      await running[index];
    });
  };
}
