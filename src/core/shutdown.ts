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
  /** Takes on nothing more: waiting commands fail, and scheduled calls are cancelled. */
  refuseAll(): void;
}

/**
 * The end of a runtime. What has come in is accepted and handed out, for that is
 * under way, too. Then the connections that it accepted finish what is under way,
 * and after them those that it opened itself, which may serve the others; all
 * within one time limit. Then everything is closed: a peer that has been sent
 * everything and says nothing is not waited for long, and what takes too long to
 * close is aborted. Where no reactor wants to finish anything, it begins with the
 * closing.
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

  /** True while reactors finish what is under way, or are about to. */
  get isDraining(): boolean {
    return this.#isDraining && !this.#isClosing;
  }

  /** True from when everything is closed. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Begins; or, if it has begun, goes on with these times. */
  request(drainMs: number, graceMs: number): void {
    const { loop, connector, reactors } = this.#host;
    // Before anything is changed: reactors are asked, and may stop the runtime in turn.
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

  /** Nothing is left. */
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

  /** Drains `connections`, and calls `next` when none of them is open any more, unless the time is over. */
  #drain(
    connections: readonly Connection<UserCommand>[],
    next: () => void,
  ): void {
    let openCount = 1; // until all are told
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

  /** The grace is over. */
  #abort(): void {
    this.#host.loop.disarm(this.#lookTimeout);
    this.#host.reactors.abortAll(CLOSED);
  }

  /** Waits no longer for peers that do not answer the end of a connection. */
  #letGo(): void {
    const { loop, reactors } = this.#host;
    loop.arm(this.#lookTimeout, LOOK_AT_CLOSING_MS);
    for (const connection of reactors.connections()) connection.letGo(CLOSED);
  }

  /** Closes those that have not finished. */
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
