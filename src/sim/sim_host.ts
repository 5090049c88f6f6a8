/**
 * The hosts of a simulated network.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { FailureKind } from "../contract/failure.ts";
import type { TlsFailureReason } from "../contract/tls.ts";

/**
 * What the process on a host has open.
 *
 * @category Simulation
 */
export interface SimHostCounts {
  /** Sockets whose `onClose` was not called yet. */
  readonly sockets: number;
  /** Listeners. */
  readonly listeners: number;
  /** Connects in progress. */
  readonly connects: number;
  /** Armed timers. */
  readonly timers: number;
}

/**
 * A host of a {@linkcode SimNetwork}, and the process that runs on it.
 *
 * @category Simulation
 */
export interface SimHost {
  /** The name by which other hosts reach it. */
  readonly name: string;
  /** Its address in the network: the first host has `10.0.0.1`. */
  readonly address: string;
  /** Its IPv6 address: the first host has `fd00::1`. */
  readonly ipv6Address: string;
  /** The sockets and clocks of the current process, or of the last one if none runs. */
  readonly adapter: Adapter;
  /** False from a kill or crash until the next restart. */
  readonly isUp: boolean;
  /** What the process has open. */
  readonly counts: SimHostCounts;
  /** The exit code of the process; 128 plus the number of the signal if a signal has ended it. `undefined` while it runs, and if it was killed. */
  readonly exitCode: number | undefined;

  /**
   * Kills the process: none of its events and timers fire any more, and calls to
   * its adapter do nothing. The system closes its sockets: it sends the bytes that
   * it has taken and then a FIN, or a reset if unread bytes are left. Borrowed
   * bytes that it has not taken are lost. No effect if no process runs.
   */
  kill(): void;

  /**
   * Kills the process, and breaks its connections: sent bytes that are not yet
   * under way are lost, and the peers get a reset. The host then refuses connects;
   * to leave them without an answer, cut the host off with
   * {@linkcode SimNetwork.partition}. No effect if no process runs.
   *
   * @param options `silent`: as if the host had lost power and its system were
   * back at once. Bytes under way are lost, too, and the peers get a reset only
   * when they send. If left out, the seed decides for each connection.
   */
  crash(options?: { readonly silent?: boolean | undefined }): void;

  /**
   * Sends the process a signal, which {@linkcode runOnSignals} listens for. If
   * nobody listens for it, the signal ends the process, as `kill` does. No effect
   * if no process runs.
   *
   * @param name `SIGTERM`, `SIGINT`, `SIGHUP`, `SIGQUIT`, `SIGUSR1` or `SIGUSR2`.
   * @throws {InvalidOptionError} If it is none of these.
   */
  signal(name: string): void;

  /** Starts a new process with a new adapter; if a process is still running, it crashes first. */
  restart(): void;

  /**
   * Freezes the process; everything that becomes due meanwhile happens at once
   * afterwards.
   *
   * @param ms For how many milliseconds: an integer, 0 to 2^31 - 1.
   * @throws {InvalidOptionError} If `ms` is outside of its range.
   */
  pause(ms: number): void;

  /**
   * Sets the wall clock of the host.
   *
   * @param ms How many milliseconds forward, or back if negative: an integer,
   * -2^41 to 2^41.
   * @throws {InvalidOptionError} If `ms` is outside of its range.
   */
  jumpWallClock(ms: number): void;

  /**
   * Makes the next accepts on this host fail.
   *
   * @param kind How they fail.
   * @param count How many of them, default 1.
   */
  failAccepts(
    kind: "exhausted" | "transient" | "other",
    count?: number,
  ): void;

  /**
   * Makes the next connects from this host fail.
   *
   * @param kind How they fail.
   * @param count How many of them, default 1.
   */
  failConnects(kind: FailureKind, count?: number): void;

  /**
   * Makes the next look-ups of names on this host fail.
   *
   * @param kind How they fail.
   * @param count How many of them, default 1.
   */
  failLookups(
    kind: "name-not-found" | "denied" | "exhausted",
    count?: number,
  ): void;

  /**
   * Makes the next TLS handshakes fail at this host, as server or as client. The
   * other end learns of it as it would in TLS: by an alert, by a reset, or not at
   * all.
   *
   * @param reason Why they fail; with `"timeout"`, this end goes silent, and with
   * `"closed"`, it resets the connection.
   * @param count How many of them, default 1.
   */
  failHandshakes(reason: TlsFailureReason, count?: number): void;
}
