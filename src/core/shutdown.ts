import { DrainTimeoutError, RuntimeStoppedError } from "../api/errors.ts";
import { logWarn } from "../util/log.ts";
import type { Connection } from "./connection.ts";
import type { Connector } from "./connector.ts";
import type { ReactorRegistry } from "./reactor_registry.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { LOOK_AT_CLOSING_MS } from "../tuning.ts";
import { countIs } from "../util/text.ts";

const CLOSED = new RuntimeStoppedError("Closed: the runtime was stopped");

/** What a {@linkcode Shutdown} ends. */
export interface ShutdownHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly connector: Connector<UserCommand>;
  readonly reactors: ReactorRegistry<UserCommand>;
  /**
   * Refuses new work: waiting commands fail, and scheduled calls are cancelled.
   */
  refuseAll(): void;
}

/**
 * Stops a runtime. Everything that has arrived by then is accepted and handed
 * out first. Then the accepted connections drain, and after them those that
 * this runtime opened, which may serve the others; one time limit covers both.
 * Then everything is closed: a peer that was sent everything and stays silent
 * is not waited for long, and connections that take too long are aborted. If no
 * reactor has `onDrain`, it starts with the closing.
 */
export class Shutdown<UserCommand> {
  readonly #host: ShutdownHost<UserCommand>;
  #isDraining = false;
  #isClosing = false;
  #graceMs = 0;
  readonly #drainTimeout = new Timeout(() => this.#close());
  readonly #graceTimeout = new Timeout(() => this.#abort());
  readonly #lookTimeout = new Timeout(() => this.#letGo());

  constructor(host: ShutdownHost<UserCommand>) {
    this.#host = host;
  }

  /** True while reactors drain, or are about to. */
  get isDraining(): boolean {
    return this.#isDraining && !this.#isClosing;
  }

  /** True once everything is being closed. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Starts. If it has started already, continues with these times. */
  request(drainMs: number, graceMs: number): void {
    const { loop, connector, reactors } = this.#host;
    // First, before any state changes: this runs user code, which may stop the
    // runtime as well.
    const isToDrain = drainMs > 0 && (this.#isDraining || reactors.canDrain);
    if (this.#isClosing) return loop.arm(this.#graceTimeout, graceMs);
    this.#graceMs = graceMs;
    if (!isToDrain) return this.#close();
    loop.arm(this.#drainTimeout, drainMs);
    if (this.#isDraining) return;
    this.#isDraining = true;
    connector.stopListening();
    this.#afterPoll(() => {
      reactors.closeListeners(CLOSED);
      this.#afterPoll(() => this.#drainAccepted());
    });
  }

  /** Called when nothing is left. */
  end(): void {
    this.#host.loop.disarm(this.#graceTimeout);
    this.#host.loop.disarm(this.#lookTimeout);
  }

  /** Calls `next` in a turn, after every ready socket was served. */
  #afterPoll(next: () => void): void {
    const { loop } = this.#host;
    loop.pollBarrier.afterPoll(() => loop.defer(() => this.#goOn(next)));
  }

  #drainAccepted(): void {
    const accepted = this.#host.reactors.connections()
      .filter(({ isAccepted }) => isAccepted);
    this.#drain(accepted, () => this.#drainOthers());
  }

  #drainOthers(): void {
    this.#host.connector.stop();
    this.#drain(this.#host.reactors.connections(), () => this.#close());
  }

  /**
   * Drains `connections`. Calls `next` when none of them is open any more,
   * unless the time is up.
   */
  #drain(
    connections: readonly Connection<UserCommand>[],
    next: () => void,
  ): void {
    let openCount = 1; // until all of them are asked
    const onClosing = () => {
      if (--openCount === 0) this.#host.loop.defer(() => this.#goOn(next));
    };
    for (const connection of connections) {
      openCount++;
      connection.drain(CLOSED, onClosing);
    }
    onClosing();
  }

  #goOn(next: () => void): void {
    if (!this.#isClosing) next();
  }

  #close(): void {
    this.#isClosing = true;
    const { loop, connector, reactors } = this.#host;
    loop.disarm(this.#drainTimeout);
    loop.arm(this.#graceTimeout, this.#graceMs);
    loop.arm(this.#lookTimeout, LOOK_AT_CLOSING_MS);
    this.#host.refuseAll();
    connector.stop();
    this.#cutOff();
    reactors.closeAll(CLOSED);
  }

  /** The grace time is over: aborts the rest. */
  #abort(): void {
    this.#host.loop.disarm(this.#lookTimeout);
    this.#host.reactors.abortAll(CLOSED);
  }

  /** Stops waiting for peers that do not answer FIN. */
  #letGo(): void {
    const { loop, reactors } = this.#host;
    loop.arm(this.#lookTimeout, LOOK_AT_CLOSING_MS);
    for (const connection of reactors.connections()) connection.letGo(CLOSED);
  }

  /** Closes connections that have not finished draining. */
  #cutOff(): void {
    const late = this.#host.reactors.connections()
      .filter(({ isDraining }) => isDraining);
    if (late.length === 0) return;
    logWarn(
      `a runtime was stopped: ${
        countIs(late.length, "connection")
      } closed with something under way, for drainMs is over`,
    );
    for (const connection of late) {
      connection.close(
        new DrainTimeoutError(
          "Closed: the runtime was stopped, and what was under way was not finished within drainMs",
        ),
      );
    }
  }
}
