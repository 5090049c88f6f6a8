import type { Process } from "./process.ts";
import { SimEvent } from "./scheduler.ts";

/** An event that a process takes part in: it waits while the process stands still, and dies with it. */
export abstract class ProcessEvent extends SimEvent {
  /** It was due while the process stood still. */
  isHeld = false;

  constructor(readonly process: Process) {
    super();
  }

  fire(): void {
    this.process.deliver(this);
  }

  /** Makes it happen, in the process. */
  abstract execute(): void;
}
