import type { Adapter, FailureKind } from "../adapters/adapter.ts";

/** What is open on a host. */
export interface SimHostCounts {
  /** Sockets that were not told that they are closed. */
  readonly sockets: number;
  /** Listeners. */
  readonly listeners: number;
  /** Connects under way. */
  readonly connects: number;
  /** Timers that are armed. */
  readonly timers: number;
}

/** A host of a {@linkcode SimNetwork}, and the process that runs on it. */
export interface SimHost {
  /** Other hosts reach it by this name. */
  readonly name: string;
  /** Its address in the network: `10.0.0.1` is that of the first host. */
  readonly address: string;
  /** The sockets and clocks of the process that runs now, or ran last. */
  readonly adapter: Adapter;
  /** False from a kill or crash to the next restart. */
  readonly isUp: boolean;
  /** What the process has open. */
  readonly counts: SimHostCounts;

  /**
   * Kills the process: none of its events, timers included, happens any more,
   * and calls to its adapter do nothing. The system closes its sockets: what it
   * has taken goes out, then FIN; or a reset, if something is not read. What is
   * lent to it and not taken yet is lost. Without effect if it is not up.
   */
  kill(): void;

  /**
   * Ends the process as {@linkcode SimHost.kill} does, and its connections in
   * disorder: what is not yet under way is lost, and the peers are reset. If
   * `silent`, it is as if the host lost its power and its system was there again
   * at once: what is under way is lost, too, and the peers are reset only when
   * they send. Left out, the seed decides for each connection. In any case the
   * host refuses connects, and does not leave them without an answer: for that,
   * cut it off by {@linkcode SimNetwork.partition}.
   */
  crash(options?: { readonly silent?: boolean | undefined }): void;

  /** Starts a new process, after a kill or crash, or after a crash of what runs. Its adapter is a new one. */
  restart(): void;

  /** The process stands still for `ms` milliseconds (0 to 2^31 - 1); then everything that was due comes at once. */
  pause(ms: number): void;

  /** Sets the wall clock forth by `ms` milliseconds (an integer up to 2^41), or back if that is negative. */
  jumpWallClock(ms: number): void;

  /** Has the next `count` (default 1) accepts fail. */
  failAccepts(
    kind: "exhausted" | "transient" | "other",
    count?: number,
  ): void;

  /** Has the next `count` (default 1) connects that begin here fail. */
  failConnects(kind: FailureKind, count?: number): void;
}
