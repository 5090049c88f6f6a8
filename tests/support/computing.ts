import process from "node:process";

/**
 * Runs `body`, and returns the processor time that this process took meanwhile,
 * in milliseconds. Unlike the time on a clock, it does not grow when the
 * machine is loaded or stands still.
 */
export function computingMs(body: () => void): number {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
