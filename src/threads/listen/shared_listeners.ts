import type { Adapter } from "../../contract/adapter.ts";
import type { Address } from "../../contract/address.ts";
import {
  type AddressLike,
  describeAddress,
  parseAddress,
} from "../../api/address.ts";
import type { AcceptRetryHost } from "../../core/accept_retry.ts";
import {
  AddressInUseError,
  NotCloneableError,
  RuntimeStoppedError,
  WorkerExitedError,
} from "../../api/errors.ts";
import type { ListenOptions } from "../../api/options/listen.ts";
import {
  type TlsListenOptions,
  tlsListenSettings,
} from "../../api/options/tls.ts";
import { checkHasTls, loadError, tlsOf } from "../../core/on_demand.ts";
import type { TlsEnds } from "../../core/tls_ends.ts";
import type { Tally } from "../../stats/tally.ts";
import type { Lazy } from "../../util/lazy.ts";
import { messageOf } from "../../util/text.ts";
import { withOwnBytes } from "../link/own_bytes.ts";
import type { Control } from "../link/control.ts";
import type { PeerThreads } from "../link/peer_threads.ts";
import { SharedListener } from "../shared_listener.ts";
import { plainListenOptions } from "./plain_listen_options.ts";

/** What the listeners need of the runtime of the main thread. */
export interface SharedListenersHost extends AcceptRetryHost {
  readonly connector: { readonly tally: Tally };
}

/** The addresses that all threads listen on. No two overlap, since the system would silently share the port. */
export class SharedListeners {
  readonly #adapter: Adapter;
  readonly #tlsEnds: Lazy<TlsEnds>;
  readonly #peers: PeerThreads;
  readonly #host: SharedListenersHost;
  readonly #controlOf: (runtimeId: number) => Control | undefined;
  readonly #listeners = new Set<SharedListener>();
  #isClosed = false;

  /** `controlOf` returns the control link to the worker of a runtime; undefined if that is gone. */
  constructor(
    adapter: Adapter,
    peers: PeerThreads,
    host: SharedListenersHost,
    controlOf: (runtimeId: number) => Control | undefined,
  ) {
    this.#controlOf = controlOf;
    this.#adapter = adapter;
    this.#tlsEnds = tlsOf(adapter);
    this.#peers = peers;
    this.#host = host;
  }

  /** Listens on `address` with the runtimes that `runtimeIds` returns. Reads all other arguments once, before anything begins. */
  async listen(
    address: AddressLike,
    name: string,
    param: unknown,
    options: ListenOptions,
    runtimeIds: () => readonly number[],
  ): Promise<SharedListener> {
    const target = parseAddress(address);
    const settings = plainListenOptions(options);
    const copy = paramForThreads(param, target);
    if (settings.tls) {
      const action = `listen on ${describeAddress(target)}`;
      await this.#checkTls(settings.tls, action);
      this.#checkOpen(target);
    }
    this.#checkFree(target, false);
    const ids = runtimeIds();
    if (ids.length === 0) {
      throw new WorkerExitedError(
        `Cannot listen on ${describeAddress(target)}: all threads have ended`,
      );
    }
    const listener = new SharedListener(
      {
        senders: (runtimeId) => this.#peers.sender(runtimeId),
        threadCount: this.#peers.count,
        control: this.#controlOf,
        checkTls: (tls, action) => this.#checkTls(tls, action),
        checkFree: (own) => this.#checkFree(own, true, listener),
        onClosed: () => void this.#listeners.delete(listener),
        loop: this.#host.loop,
        peerLog: this.#host.peerLog,
        onDrop: (reason) => this.#host.connector.tally.dropped[reason]++,
      },
      this.#adapter,
      target,
      name,
      copy,
      settings,
    );
    this.#listeners.add(listener);
    try {
      await listener.start(ids);
      this.#checkOpen(target);
      return listener;
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  /** Throws if the credentials of `tls` cannot be used; otherwise every thread would find that by itself. */
  async #checkTls(tls: TlsListenOptions, action: string): Promise<void> {
    checkHasTls(this.#adapter, action);
    let ends: TlsEnds;
    try {
      ends = await this.#tlsEnds.load();
    } catch (cause) {
      throw loadError(action, cause);
    }
    ends.server(tlsListenSettings(tls), action);
  }

  /** A restarted runtime listens on all of them. */
  async join(runtimeId: number): Promise<void> {
    await Promise.all(
      Array.from(this.#listeners, (listener) => listener.join(runtimeId)),
    );
  }

  /** The thread of a runtime is gone. */
  leave(runtimeId: number): void {
    for (const listener of this.#listeners) listener.leave(runtimeId);
  }

  /** Closes all, and opens no more. */
  close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners) void listener.close();
  }

  /** Throws {@linkcode RuntimeStoppedError} if the threads were stopped meanwhile. */
  #checkOpen(address: Address): void {
    if (!this.#isClosed) return;
    throw new RuntimeStoppedError(
      `Cannot listen on ${
        describeAddress(address)
      } with all threads: they were stopped`,
    );
  }

  /** Throws {@linkcode AddressInUseError} if another listener than `own` has `address`; or also if it is only about to, unless `address` must be bound. */
  #checkFree(
    address: Address,
    mustBeBound: boolean,
    own?: SharedListener,
  ): void {
    for (const other of this.#listeners) {
      if (other === own || (mustBeBound && !other.isBound)) continue;
      if (!other.overlaps(address)) continue;
      throw new AddressInUseError(
        `Cannot listen on ${describeAddress(address)}: all threads listen on ${
          describeAddress(other.address)
        } already`,
      );
    }
  }
}

/** `param` for the threads that listen on `address`, now and later. */
function paramForThreads(param: unknown, address: Address): unknown {
  try {
    return structuredClone(withOwnBytes(param));
  } catch (cause) {
    throw new NotCloneableError(
      `Cannot listen on ${
        describeAddress(address)
      }: the parameter cannot be copied to another thread: ${messageOf(cause)}`,
      { cause },
    );
  }
}
