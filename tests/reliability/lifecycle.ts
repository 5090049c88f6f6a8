import type { EndConfig } from "./end_config.ts";
import type { TapSocket } from "./tap.ts";

/** Why an end may close, and the reasons that this may result in. */
export interface Cause {
  readonly what: string;
  readonly isReason: (reason: Error | undefined) => boolean;
}

/** The cause of a close with `reason`. */
export function causeOf(what: string, reason: Error | undefined): Cause {
  return { what, isReason: (given) => given === reason };
}

/** What a {@linkcode Lifecycle} needs of its end. */
export interface LivingEnd {
  readonly config: EndConfig;
  readonly tap: TapSocket;
  readonly node: { now(): number };
  /** Reports a broken promise. */
  broke(what: string): void;
}

/** Checks the order of calls to an end, and the reasons for which it closes. */
export class Lifecycle {
  state: "new" | "open" | "closing" | "closed" = "new";
  /** All possible causes so far, in order. */
  readonly causes: Cause[] = [];
  /** The cause that must have closed it. */
  cause: Cause | undefined = undefined;
  /** When it started to close, if known. */
  closingSince = 0;
  /** Aborts, which may have dropped unsent bytes. */
  readonly aborts: Cause[] = [];
  readonly #end: LivingEnd;
  /** True if something may have closed it that only `onClose` reports. */
  #isUnsure = false;

  constructor(end: LivingEnd) {
    this.#end = end;
  }

  /** True if nothing can have closed it so far. */
  get isSurelyOpen(): boolean {
    return this.state === "open" && !this.#isUnsure &&
      this.#end.config.options.idleTimeoutMs === 0 && !this.#end.tap.heardEnd;
  }

  /** Called when the runtime calls `handler`. */
  enter(handler: string): void {
    if (this.state === "open") return;
    this.#end.broke(`${handler} was called: the end is ${this.state}`);
  }

  /** Called when the connection is open. */
  onConnected(): void {
    if (this.state === "new") this.state = "open";
    else this.#end.broke("onConnected was called twice");
  }

  /** It closes now for `cause`, if it is open. */
  close(cause: Cause): void {
    if (this.isSurelyOpen) {
      this.cause = cause;
      this.closingSince = this.#end.node.now();
    }
    this.foundGone();
    this.causes.push(cause);
  }

  /** It is aborted now for `cause`, if it is not closed. */
  abort(cause: Cause): void {
    if (this.state !== "closed") this.aborts.push(cause);
    this.close(cause);
  }

  /** It may close at any time from now on, for `cause`. */
  mayClose(cause: Cause): void {
    this.#isUnsure = true;
    this.causes.push(cause);
  }

  /** It was found to be closing. */
  foundClosing(): void {
    if (this.isSurelyOpen) {
      this.#end.broke("it closes, and nothing has closed it");
    }
    this.foundGone();
  }

  /** A send was lost: only more lost sends and `onClose` may follow. */
  foundGone(): void {
    if (this.state === "open") this.state = "closing";
  }

  /** The connection is gone. */
  onClose(): void {
    if (this.state === "new" || this.state === "closed") {
      this.#end.broke(`onClose was called: the end is ${this.state}`);
    }
    this.state = "closed";
  }
}
