import process from "node:process";

/** What a server of the benchmark tells the one who started it. */
export interface ServerReport {
  /** Where it listens: its first line. */
  readonly port?: number;
  /** Milliseconds of processor time between its first connection and the end of its last: its last line. */
  readonly cpuMs?: number;
}

/** Prints the port, and at the end of the last connection the processor time, and then exits. */
export function reportWhenDone(): {
  opened(): void;
  closed(): void;
  listening(port: number): void;
} {
  let count = 0;
  let before: { user: number; system: number } | undefined;
  const print = (report: ServerReport) => console.log(JSON.stringify(report));
  return {
    opened() {
      count++;
      before ??= process.cpuUsage();
    },
    closed() {
      if (--count > 0) return;
      const { user, system } = process.cpuUsage(before);
      print({ cpuMs: (user + system) / 1000 });
      process.exit(0);
    },
    listening: (port) => print({ port }),
  };
}
