/**
 * How many broken promises are recorded; the first ones are the most useful.
 */
const MAX_SHOWN = 20;

/** The counters of a process of the soak. */
export interface Counts {
  /** Ends of the library that were opened: two if both ends belong to it. */
  connections: number;
  /** Whole frames received and checked. */
  messages: number;
  /** Bytes received and checked. */
  bytes: number;
  /** Completions of sends that were called. */
  completions: number;
  /** Completions of commands that were called. */
  commands: number;
  /** How often each kind of fault was injected. */
  faults: Record<string, number>;
  /** Number of broken promises. */
  brokenCount: number;
  /** The first broken promises. */
  broken: string[];
}

/** Counts events of the soak. */
export class SoakTally implements Counts {
  connections = 0;
  messages = 0;
  bytes = 0;
  completions = 0;
  /** Number of sends with a completion. */
  completionsAsked = 0;
  commands = 0;
  faults: Record<string, number> = {};
  brokenCount = 0;
  broken: string[] = [];

  /** Counts an injected fault. */
  fault(kind: string): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
  }

  /** Records a broken promise. */
  breaks(what: string): void {
    this.brokenCount++;
    if (this.broken.length < MAX_SHOWN) this.broken.push(what);
  }

  /** Adds the counters of another process. */
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
