import type { Address } from "../../contract/address.ts";
import { describeAddress } from "../../api/address.ts";
import {
  AttemptsExhaustedError,
  InvalidAddressError,
  InvalidOptionError,
  RuntimeStoppedError,
  UnsupportedTransportError,
} from "../../api/errors.ts";
import type { ConnectionHandle } from "../../api/handles.ts";
import type { ConnectOptions } from "../../api/options/connect.ts";
import type { Reactor } from "../../api/reactor.ts";
import type { ScheduledCall } from "../../api/scheduled_call.ts";
import { engineOf, openConnection, type ReactRuntime } from "../../runtime.ts";
import { KeptTally } from "../../stats/kept_tally.ts";
import type { KeptConnectionStats } from "../../stats/stats.ts";
import { summaryOf } from "../../util/one_line.ts";
import { watchPromise } from "../../util/promises.ts";
import { countOf, isA, read } from "../../util/text.ts";
import { backoffDelay, type BackoffSettings } from "./backoff.ts";
import type { KeepConnectedState, KeptConnection } from "./kept_connection.ts";
import { errorFrom, toError } from "../../api/to_error.ts";
import { SAME_FAILURE_MS } from "../../tuning.ts";

/** How and when a {@linkcode Reconnector} connects. */
export interface ReconnectorSettings {
  readonly connect: ConnectOptions;
  readonly backoff: BackoffSettings;
  readonly maxAttempts: number;
  readonly signal: AbortSignal | undefined;
  readonly onState:
    | ((state: KeepConnectedState) => void)
    | undefined;
}

/** Failures that another attempt would not avoid. */
const FINAL = [
  InvalidAddressError,
  InvalidOptionError,
  RuntimeStoppedError,
  UnsupportedTransportError,
];

/** Keeps one connection open: opens a new one whenever there is none. */
export class Reconnector<UserCommand, Cmd extends UserCommand, Value>
  implements KeptConnection<Cmd, Value> {
  readonly whenClosed: Promise<Error | undefined>;

  readonly #runtime: ReactRuntime<UserCommand>;
  readonly #addresses: readonly Address[];
  readonly #makeReactor: (address: Address) => Reactor<Cmd, Value>;
  readonly #settings: ReconnectorSettings;
  readonly #forgetStop: () => void;
  readonly #tally = new KeptTally();
  #resolve!: (reason: Error | undefined) => void;

  /** What was last logged for each address, and when. */
  readonly #logged = new Map<Address, { name: unknown; at: number }>();
  #next = 0;
  /** The number of attempts in a row. */
  #attempt = 0;
  #wait: ScheduledCall | undefined = undefined;
  /** Gives up the connect in progress. */
  #giveUp: (() => boolean) | undefined = undefined;
  #connection: ConnectionHandle<Cmd, Value> | undefined = undefined;
  #connectedAt = 0;
  #isStopped = false;
  #isFinished = false;
  #reason: Error | undefined = undefined;

  /** Connects in the next turn. */
  constructor(
    runtime: ReactRuntime<UserCommand>,
    addresses: readonly Address[],
    makeReactor: (address: Address) => Reactor<Cmd, Value>,
    settings: ReconnectorSettings,
  ) {
    this.#runtime = runtime;
    this.#addresses = addresses;
    this.#makeReactor = makeReactor;
    this.#settings = settings;
    this.whenClosed = new Promise((resolve) => this.#resolve = resolve);
    const { loop, connector } = engineOf(runtime);
    this.#forgetStop = connector.onceStopped(() => this.#onRuntimeStopped());
    const { signal } = settings;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
    else loop.defer(() => this.#connect());
  }

  get connection(): ConnectionHandle<Cmd, Value> | undefined {
    return this.#connection;
  }

  stats(): KeptConnectionStats {
    return this.#tally.stats(this.#connection?.stats());
  }

  async close(reason?: Error): Promise<void> {
    this.#close(reason);
    await this.whenClosed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // From one connection to the next. States are reported last, since `onState` may
  // close this.

  #connect(): void {
    if (this.#isStopped) return;
    const address = this.#addresses[this.#next];
    this.#next = (this.#next + 1) % this.#addresses.length;
    const attempt = ++this.#attempt;
    const { connects } = this.#tally;
    connects.begin();
    this.#report({ kind: "connecting", attempt, address });
    if (this.#isStopped) return void connects.cancelled++;
    let reactor: Reactor<Cmd, Value>;
    try {
      reactor = this.#makeReactor(address);
    } catch (thrown) {
      return this.#onNotMade(address, toError(thrown, "makeReactor"));
    }
    if (this.#isStopped) return void connects.cancelled++;
    this.#giveUp = openConnection(
      this.#runtime,
      address,
      reactor,
      this.#settings.connect,
      {
        succeed: (connection) => this.#onConnected(address, connection),
        fail: (error) => this.#onFailed(address, error),
      },
    );
  }

  /** No reactor could be made for `address`, so the attempt has failed. */
  #onNotMade(address: Address, error: Error): void {
    this.#warn(`Cannot make a reactor for ${describeAddress(address)}`, error);
    this.#onFailed(address, error);
  }

  #onConnected(
    address: Address,
    connection: ConnectionHandle<Cmd, Value>,
  ): void {
    this.#giveUp = undefined;
    this.#connection = connection;
    this.#tally.connects.opened++;
    this.#connectedAt = this.#now();
    void connection.whenClosed.then((reason) => {
      this.#tally.close(connection.stats(), reason);
      this.#onLost(address, reason);
    });
    if (this.#isStopped) return void connection.close(this.#reason);
    const attempt = this.#attempt;
    this.#report({ kind: "connected", attempt, address, connection });
  }

  #onLost(address: Address, reason: Error | undefined): void {
    this.#connection = undefined;
    if (this.#isStopped) return this.#finish();
    const upMs = this.#now() - this.#connectedAt;
    if (upMs > this.#settings.backoff.maxMs) this.#attempt = 0;
    this.#retry(address, reason);
  }

  #onFailed(address: Address, error: Error): void {
    this.#giveUp = undefined;
    this.#tally.connects.fail(error);
    if (this.#isStopped) return this.#finish();
    if (FINAL.some((one) => isA(error, one))) this.#fail(error);
    else this.#retry(address, error);
  }

  #retry(address: Address, error: Error | undefined): void {
    const attempt = this.#attempt;
    const { backoff, maxAttempts } = this.#settings;
    const { adapter } = this.#runtime;
    if (attempt >= maxAttempts) return this.#fail(exhausted(attempt, error));
    let delayMs: number;
    try {
      // `random` of the adapter may be the user's code.
      delayMs = backoffDelay(backoff, attempt, () => adapter.random());
      this.#wait = this.#runtime.after(delayMs, () => this.#connect());
    } catch (thrown) {
      return this.#fail(toError(thrown, "the adapter"));
    }
    this.#report({ kind: "waiting", attempt, address, delayMs, error });
  }

  // The end.

  readonly #onAbort = (): void => {
    const { reason } = this.#settings.signal as AbortSignal;
    this.#close(errorFrom(reason, "the signal was aborted with"));
  };

  /** The connection is left to the runtime, which lets it finish what it does. */
  #onRuntimeStopped(): void {
    this.#stop(
      new RuntimeStoppedError("Connects no more: the runtime was stopped"),
    );
  }

  #fail(error: Error): void {
    this.#stop(error);
    if (this.#settings.onState === undefined) {
      this.#warn("Connects no more", error);
    }
  }

  #close(reason: Error | undefined): void {
    this.#stop(reason);
    void this.#connection?.close(reason);
  }

  #stop(reason: Error | undefined): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#reason = reason;
    this.#forgetStop();
    this.#settings.signal?.removeEventListener("abort", this.#onAbort);
    this.#wait?.cancel();
    const isGivenUp = this.#giveUp?.();
    if (isGivenUp) this.#tally.connects.cancelled++;
    if (isGivenUp !== false && this.#connection === undefined) this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const error = this.#reason;
    engineOf(this.#runtime).loop.defer(() => {
      this.#report({ kind: "stopped", error });
      this.#resolve(error);
    });
  }

  // What users receive, and what is logged.

  #now(): number {
    return this.#runtime.adapter.clock.now();
  }

  #report(state: KeepConnectedState): void {
    const { onState } = this.#settings;
    if (onState === undefined) return this.#log(state);
    const onThrown = (thrown: unknown) =>
      this.#warn("onState failed", toError(thrown, "onState"));
    try {
      watchPromise(onState(state), onThrown);
    } catch (thrown) {
      onThrown(thrown);
    }
  }

  /** Logs failures that are not reported otherwise, except for repetitions. */
  #log(state: KeepConnectedState): void {
    if (state.kind !== "waiting") return;
    const { address, attempt, delayMs, error } = state;
    const name = read(error, "name");
    const last = this.#logged.get(address);
    const at = this.#now();
    if (last && last.name === name && at - last.at < SAME_FAILURE_MS) return;
    this.#logged.set(address, { name, at });
    const why = error === undefined ? "it was closed" : summaryOf(error);
    engineOf(this.#runtime).peerLog.warn(() => {
      const peer = describeAddress(address);
      const what = attempt === 0
        ? `Lost the connection to ${peer}`
        : `No connection to ${peer} after attempt ${attempt}`;
      return `${what}, connecting again in ${Math.ceil(delayMs)} ms: ${why}`;
    });
  }

  #warn(what: string, error: Error): void {
    engineOf(this.#runtime).peerLog.warn(() => what, error);
  }
}

/** Why it stops after `attempt` attempts; `cause` is why the last one failed, or why its connection closed. */
function exhausted(attempt: number, cause: Error | undefined): Error {
  const why = cause === undefined ? "it was closed" : summaryOf(cause);
  return new AttemptsExhaustedError(
    `Connects no more after ${
      countOf(attempt, "attempt")
    } in a row that failed (maxAttempts), the last one: ${why}`,
    { cause },
  );
}
