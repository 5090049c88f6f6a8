/**
 * One address that all threads listen on.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { Address } from "../contract/address.ts";
import { describeAddress } from "../api/address.ts";
import { InvalidOptionError, WorkerExitedError } from "../api/errors.ts";
import { adapterListenOptions } from "../core/adapter_options.ts";
import { listenError } from "../core/failures.ts";
import type { AcceptRetryHost } from "../core/accept_retry.ts";
import {
  DROP_REASONS,
  type DropCounts,
  dropCounts,
  type DropReason,
  sumOf,
} from "../api/drops.ts";
import { LISTEN_OPTIONS, type ListenOptions } from "../api/options/listen.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import { plainTls, type TlsListenOptions } from "../api/options/tls.ts";
import { logError } from "../util/log.ts";
import { summaryOf } from "../util/one_line.ts";
import type { Control } from "./link/control.ts";
import { overlap } from "./listen/overlap.ts";
import type { ThreadCmdSender } from "./reactor_thread.ts";
import { type Acceptor, relayConnections } from "./relay/acceptor.ts";
import { ListenSender } from "./listen/listen_sender.ts";
import { SharedStats } from "./listen/shared_stats.ts";
import type { ListenerStats, ThreadsStats } from "../stats/stats.ts";
import {
  THREADS_STATS_OPTIONS,
  type ThreadsStatsOptions,
} from "./threads_stats.ts";

/** What a shared listener needs of the manager. */
export interface SharedListenerHost extends AcceptRetryHost {
  readonly threadCount: number;
  senders(runtimeId: number): ThreadCmdSender;
  /** The control link to the worker of a runtime; undefined if that is gone. */
  control(runtimeId: number): Control | undefined;
  /** Rejects with an error that names `action` if `tls` cannot be used. */
  checkTls(tls: TlsListenOptions, action: string): Promise<void>;
  /** Throws {@linkcode AddressInUseError} if another shared listener is bound to `address`. */
  checkFree(address: Address): void;
  onClosed(): void;
  /** This thread has dropped a connection. */
  onDrop(reason: DropReason): void;
}

/**
 * One address that all threads listen on: what
 * {@linkcode ThreadedReactorMgr.listenAll} resolves to.
 *
 * @category Threads
 */
export class SharedListener<Bound extends Address = Address> {
  /**
   * How threads get their connections: `"reusePort"`, each thread accepts by
   * itself and the system spreads them; or `"relay"`, the main thread accepts and
   * relays the bytes.
   */
  readonly mode: "reusePort" | "relay";

  readonly #host: SharedListenerHost;
  readonly #adapter: Adapter;
  readonly #sender: ListenSender;
  #options: ListenOptions;
  readonly #spread: Int32Array;
  readonly #drops = new Int32Array(
    new SharedArrayBuffer(4 * DROP_REASONS.length),
  );
  /** The runtimes that listen or are about to. */
  readonly #members = new Set<number>();
  readonly #reactorIds = new Map<number, ReactorID>();
  readonly #stats: SharedStats;
  #address: Address;
  #isBound = false;
  #acceptor: Acceptor | undefined = undefined;
  #closed: Promise<void> | undefined = undefined;

  /** @ignore */
  constructor(
    host: SharedListenerHost,
    adapter: Adapter,
    address: Address,
    name: string,
    param: unknown,
    options: ListenOptions,
  ) {
    this.#address = address;
    const isShared = adapter.reusesPorts && address.transport === "tcp";
    this.mode = isShared ? "reusePort" : "relay";
    this.#host = host;
    this.#adapter = adapter;
    this.#sender = new ListenSender((id) => host.senders(id), name, param);
    this.#options = options;
    this.#spread = new Int32Array(
      new SharedArrayBuffer(4 * host.threadCount),
    );
    this.#stats = new SharedStats(host.loop, host.threadCount);
  }

  /** Where it listens; the port is the real one. */
  get address(): Bound {
    return this.#address as Bound;
  }

  /** How many connections each runtime has accepted so far, by its id. */
  get spread(): readonly number[] {
    return Array.from(this.#spread, (_, i) => Atomics.load(this.#spread, i));
  }

  /** How many connections all threads have dropped so far, for any reason; see {@linkcode ListenerHandle.dropCount}. */
  get dropCount(): number {
    return sumOf(this.dropCounts);
  }

  /** How many connections all threads have dropped so far, by reason. */
  get dropCounts(): DropCounts {
    return dropCounts((_, i) => Atomics.load(this.#drops, i));
  }

  /**
   * Asks every thread for its statistics of this address. Threads that do not
   * answer, or are gone, count as in {@linkcode ThreadedReactorMgr.stats}. As
   * with {@linkcode ListenerHandle.stats}, connections that are open when the
   * listener is closed are still counted.
   *
   * @param options How long to wait for the threads.
   * @returns Resolves within `timeoutMs` to a copy, which is plain data; `main`
   * is what the main thread has dropped.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  async stats(
    options: ThreadsStatsOptions = {},
  ): Promise<ThreadsStats<ListenerStats>> {
    const { timeoutMs } = THREADS_STATS_OPTIONS.fill(options);
    return await this.#stats.ask(timeoutMs);
  }

  /**
   * True once the address is known to be free of other listeners.
   *
   * @ignore
   */
  get isBound(): boolean {
    return this.#isBound;
  }

  /**
   * True if this one listens, or is about to listen, on `address` too.
   *
   * @ignore
   */
  overlaps(address: Address): boolean {
    return overlap(this.#address, address);
  }

  /**
   * Called by the manager: listens with these runtimes.
   *
   * @ignore
   */
  async start(runtimeIds: readonly number[]): Promise<void> {
    if (this.mode === "relay") await this.#accept();
    const [first, ...others] = runtimeIds;
    await this.join(first);
    this.#host.checkFree(this.#address); // now it is known, also of a name
    this.#isBound = true;
    await Promise.all(others.map((runtimeId) => this.join(runtimeId)));
  }

  /**
   * Called by the manager: one more runtime listens, or one that was restarted.
   *
   * @ignore
   */
  async join(runtimeId: number): Promise<void> {
    if (this.#closed !== undefined || this.#members.has(runtimeId)) return;
    this.#members.add(runtimeId);
    const common = {
      ...this.#options,
      spread: this.#spread,
      drops: this.#drops,
      runtimeId,
    };
    const result = this.#acceptor === undefined
      ? await this.#sender.listen(runtimeId, this.#address, {
        ...common,
        reusePort: true,
      })
      : await this.#sender.relay(runtimeId, this.#acceptor, common);
    if (!result.ok) throw result.error;
    const { reactorId } = result;
    this.#reactorIds.set(runtimeId, reactorId);
    const control = this.#host.control(runtimeId);
    if (control !== undefined) {
      this.#stats.follow(runtimeId, control, reactorId);
    }
    if (common.tls !== this.#options.tls) await this.#sendTls(runtimeId);
    if (this.#closed !== undefined) return await this.#closeIn(runtimeId);
    const { localAddress } = result;
    if (
      this.#acceptor === undefined && localAddress !== undefined &&
      localAddress.transport !== "unknown"
    ) {
      this.#address = localAddress;
    }
  }

  /**
   * Called by the manager: the thread of a runtime is gone.
   *
   * @ignore
   */
  leave(runtimeId: number): void {
    this.#members.delete(runtimeId);
    this.#reactorIds.delete(runtimeId);
    this.#acceptor?.removePort(runtimeId);
  }

  /**
   * Replaces the TLS options for connections that come in from now on, in all
   * threads and in those that are started later, for example to renew a
   * certificate. Open connections keep the old ones.
   *
   * @param tls All options, as for a listen, except that `start` stays as it is.
   * @returns Resolves when every thread has the options. If it rejects, nothing
   * has changed in any thread.
   * @throws {InvalidCredentialError} If a certificate or key is missing or
   * unusable.
   * @throws {InvalidOptionError} If another option is out of range, or the
   * listener has no TLS.
   */
  async setTls(tls: TlsListenOptions): Promise<void> {
    const action = `set the TLS of the listener on ${
      describeAddress(this.#address)
    }`;
    const { tls: before } = this.#options;
    if (before === undefined) {
      throw new InvalidOptionError(`Cannot ${action}: it has none`);
    }
    const plain = { ...plainTls(tls), start: before.start };
    await this.#host.checkTls(plain, action);
    this.#options = { ...this.#options, tls: plain };
    await Promise.all(
      Array.from(this.#reactorIds.keys(), (id) => this.#sendTls(id)),
    );
  }

  /** Resolves when the thread of a runtime has the TLS options, or is gone; then its successor gets them. */
  async #sendTls(runtimeId: number): Promise<void> {
    const listener = this.#reactorIds.get(runtimeId) as ReactorID;
    const { tls } = this.#options;
    try {
      await this.#host.control(runtimeId)?.ask({
        type: "setTls",
        listener,
        tls: tls as TlsListenOptions,
      });
    } catch (error) {
      if (!(error instanceof WorkerExitedError)) throw error;
    }
  }

  /**
   * Stops listening in all threads; the connections stay open. May be called
   * again.
   *
   * @returns Resolves when the address is free.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const isFree = this.#acceptor?.close();
    await Promise.all(
      Array.from(this.#reactorIds.keys(), (id) => this.#closeIn(id)),
    );
    await isFree;
    this.#host.onClosed();
  }

  /** Resolves when it is closed there, or its thread is gone. */
  #closeIn(runtimeId: number): Promise<void> {
    const reactorId = this.#reactorIds.get(runtimeId) as ReactorID;
    return new Promise((resolve) =>
      this.#host.senders(runtimeId).sendClose(reactorId, {
        completion: () => resolve(),
      })
    );
  }

  async #accept(): Promise<void> {
    const options = adapterListenOptions(this.#adapter, this.#address, {
      ...LISTEN_OPTIONS.fill(this.#options),
      reusePort: false,
    });
    this.#acceptor = await relayConnections(this.#adapter, options, {
      onAcceptFailed: (failure) => {
        const on = describeAddress(this.#address);
        logError(`Cannot accept on ${on}: ${summaryOf(failure)}`);
        void this.close();
      },
      onDrop: (reason) => {
        Atomics.add(this.#drops, DROP_REASONS.indexOf(reason), 1);
        this.#stats.own.dropped[reason]++;
        this.#host.onDrop(reason);
      },
      loop: this.#host.loop,
      peerLog: this.#host.peerLog,
    }).catch((failure) => {
      throw listenError(this.#address, failure);
    });
    this.#address = this.#acceptor.address;
    if (this.#closed !== undefined) await this.#acceptor.close();
  }
}
