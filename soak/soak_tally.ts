/** How many broken promises are kept: the first ones say the most. */
const MAX_SHOWN = 20;

/** What a process of the soak has counted. */
export interface Counts {
  /** Ends of the library that were opened: two for a connection with itself. */
  connections: number;
  /** Whole frames that were received and checked. */
  messages: number;
  /** Bytes that were received and checked. */
  bytes: number;
  /** Completions of sends that were called. */
  completions: number;
  /** Completions of commands that were called. */
  commands: number;
  /** How often each kind of fault was injected. */
  faults: Record<string, number>;
  /** How many promises were broken. */
  brokenCount: number;
  /** The first promises that were broken. */
  broken: string[];
}

/** Counts what happens. */
export class SoakTally implements Counts {
  connections = 0;
  messages = 0;
  bytes = 0;
  completions = 0;
  /** Completions of sends that were asked for. */
  completionsAsked = 0;
  commands = 0;
  faults: Record<string, number> = {};
  brokenCount = 0;
  broken: string[] = [];

  /** A fault was injected. */
  fault(kind: string): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
  }

  /** A promise was broken. */
  breaks(what: string): void {
    this.brokenCount++;
    if (this.broken.length < MAX_SHOWN) this.broken.push(what);
  }

  /** Adds what another process has counted. */
  add(counts: Counts): void {
    this.connections += counts.connections;
    this.messages += counts.messages;
    this.bytes += counts.bytes;
    this.completions += counts.completions;
    this.commands += counts.commands;
    for (const [kind, count] of Object.entries(counts.faults)) {
      this.faults[kind] = (this.faults[kind] ?? 0) + count;
    }
    for (const what of counts.broken) this.breaks(what);
    this.brokenCount += counts.brokenCount - counts.broken.length;
  }
}
