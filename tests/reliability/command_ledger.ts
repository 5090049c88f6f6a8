import {
  type Adapter,
  CommandCancelledError,
  type CommandId,
  CommandNotSupportedError,
  type CommandOptions,
  type CommandResult,
  ConnectionClosedError,
  INVALID_COMMAND_ID,
  INVALID_REACTOR_ID,
  type ReactorID,
  ReactorNotFoundError,
  RuntimeStoppedError,
  type SimRandom,
} from "../../mod.ts";
import { delayOf, drawDeferred } from "./deferral.ts";
import type { Cause } from "./lifecycle.ts";
import type { Workload } from "./workloads.ts";

/** A command to a reactor. */
export interface Cmd<End> {
  readonly command: LedgerCommand;
  /** What the reactor does when it receives the command. */
  readonly effect: (end: End) => void;
}

/** The target of a command. */
export interface Target {
  readonly reactorId: ReactorID;
  /** True if it is closed, or never existed. */
  readonly isGone: boolean;
  /**
   * True if its id may find nothing any more, even before its `onClose` is
   * called.
   */
  readonly mayBeGone: boolean;
  readonly takesCommands: boolean;
  /** Called when a command to close it was sent. */
  mayBeClosed(isAbort: boolean): void;
  /** Called when a command found it closing. */
  foundClosing(): void;
}

/** A target that no command reaches. */
export const NOBODY: Target = {
  reactorId: INVALID_REACTOR_ID,
  isGone: true,
  mayBeGone: true,
  takesCommands: false,
  mayBeClosed() {},
  foundClosing() {},
};

/** A planned command and its target. */
export interface Purpose {
  readonly what: "user" | "close" | "connect" | "listen";
  readonly target?: Target;
}

/** A command, and what is known about it. */
export interface LedgerCommand extends Purpose {
  readonly serial: number;
  readonly isDeferred: boolean;
  /** The time when it is due. */
  readonly deadline: number;
  /** True if it was sent after the stop. */
  readonly isTooLate: boolean;
  id: CommandId;
  state:
    | "waiting"
    | "executed"
    | "cancelled"
    | "refused"
    | "hurried"
    | "completed";
  /** What its reactor threw. */
  thrown: Cause | undefined;
  /** The rejection of the promise that its reactor returned. */
  rejection: Cause | undefined;
}

/**
 * How late a command may be executed if nothing delays timers, in milliseconds.
 */
const LATENESS_MS = 0.1;

/** What a {@linkcode CommandLedger} needs of the node whose commands it keeps. */
export interface CommandedNode {
  readonly name: string;
  readonly cluster: {
    readonly workload: Workload;
    broke(what: string): void;
  };
  readonly runtime: {
    readonly adapter: Adapter;
    readonly cmdSender: { cancel(id: CommandId): boolean };
  };
  readonly isStopping: boolean;
  /** True if commands wait for `processEvents`. */
  readonly isPolled: boolean;
  now(): number;
  /** Runs a handler. */
  inHandler(name: string, body: () => void): void;
}

/**
 * Checks the commands of a runtime: each is completed once, with the right
 * result, and executed in order.
 */
export class CommandLedger<End extends Target> {
  readonly #node: CommandedNode;
  readonly #open = new Set<LedgerCommand>();
  readonly #all: LedgerCommand[] = [];
  #current: LedgerCommand | undefined = undefined;

  constructor(node: CommandedNode) {
    this.#node = node;
  }

  /** True if every command is completed. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }

  /** Number of commands sent before the stop that are not completed. */
  get leftCount(): number {
    return [...this.#open].filter((command) => !command.isTooLate).length;
  }

  /**
   * Sends a command by `send`, which returns its id. `onCompleted` gets the
   * result.
   */
  send(
    random: SimRandom,
    purpose: Purpose,
    send: (options: CommandOptions, command: LedgerCommand) => CommandId,
    onCompleted: (result: CommandResult) => void = () => {},
  ): void {
    const { adapter } = this.#node.runtime;
    const deferred = drawDeferred(random, adapter.clock.wallNow());
    const delay = delayOf(deferred, adapter.clock.wallNow());
    const command: LedgerCommand = {
      ...purpose,
      serial: this.#all.length,
      isDeferred: delay > 0,
      deadline: adapter.clock.now() + delay,
      isTooLate: this.#node.isStopping,
      id: INVALID_COMMAND_ID,
      state: this.#node.isStopping ? "refused" : "waiting",
      thrown: undefined,
      rejection: undefined,
    };
    this.#all.push(command);
    this.#open.add(command);
    const completion = (result: CommandResult) =>
      this.#node.inHandler(
        `the completion of command ${command.serial}`,
        () => {
          this.#onCompleted(command, result);
          onCompleted(result);
        },
      );
    command.id = send({ deferred, completion }, command);
    if ((command.id === INVALID_COMMAND_ID) !== this.#node.isStopping) {
      this.#broke(command, `has the id ${command.id}`);
    }
  }

  /** Cancels any command sent so far. */
  cancel(random: SimRandom): void {
    if (this.#all.length === 0) return;
    const command = random.pick(this.#all);
    const isTaken = this.#node.runtime.cmdSender.cancel(command.id);
    const isFree = command.state === "waiting";
    if (isTaken && !isFree) {
      this.#broke(command, `was cancelled, and is ${command.state}`);
    } else if (!isTaken && isFree && command.what === "user") {
      this.#broke(command, "cannot be cancelled, and waits");
    }
    if (isTaken) command.state = "cancelled";
  }

  /**
   * Called when the runtime is stopped: from now on only closes are executed,
   * at once.
   */
  refuse(): void {
    for (const command of this.#open) {
      if (command.state !== "waiting") continue;
      command.state = command.what === "close" ? "hurried" : "refused";
    }
  }

  /** Called when `end` executes a command. */
  execute({ command, effect }: Cmd<End>, end: End): void {
    if (command.target !== end) {
      this.#broke(command, `reaches ${end}`);
    }
    if (command.state !== "waiting") {
      this.#broke(command, `is executed, and is ${command.state}`);
    }
    this.#checkTurn(command);
    command.state = "executed";
    this.#current = command;
    effect(end);
  }

  /** Called when the reactor that executes a command throws. */
  onThrown(cause: Cause): void {
    if (this.#current !== undefined) this.#current.thrown = cause;
  }

  /**
   * Called when the reactor that executes a command returns a promise that
   * rejects.
   */
  onRejecting(cause: Cause): void {
    if (this.#current !== undefined) this.#current.rejection = cause;
  }

  #onCompleted(command: LedgerCommand, result: CommandResult): void {
    if (!this.#open.delete(command)) this.#broke(command, "is completed twice");
    const isRight = result.ok
      ? this.#isDone(command, result.reactorId)
      : this.#isFailure(command, result.error);
    if (!isRight) {
      this.#broke(
        command,
        `is ${command.state}, and its completion says ${
          result.ok ? `ok by ${result.reactorId}` : result.error
        }`,
      );
    }
    command.state = "completed";
  }

  #isDone(command: LedgerCommand, by: ReactorID): boolean {
    const { what, state, target, thrown, rejection, deadline } = command;
    const isEarly = this.#node.now() < deadline && state !== "hurried";
    if (isEarly || state === "cancelled") return false;
    if (target !== undefined && target.reactorId !== by) return false;
    switch (what) {
      case "user":
        return state === "executed" && (thrown ?? rejection) === undefined;
      case "close":
        return target !== NOBODY && target?.isGone === true;
      case "connect":
        // If its `onConnected` stops the runtime, that is too late to refuse
        // it.
        return true;
      case "listen":
        return state === "waiting";
    }
  }

  #isFailure(command: LedgerCommand, error: Error): boolean {
    const { state, thrown, rejection, target, what } = command;
    if (thrown !== undefined) return thrown.isReason(error);
    if (rejection !== undefined && state === "executed") {
      // It is awaited only until its connection closes.
      return rejection.isReason(error) ||
        error instanceof ConnectionClosedError;
    }
    if (error instanceof CommandCancelledError) return state === "cancelled";
    if (error instanceof RuntimeStoppedError) return state === "refused";
    if (state === "hurried") {
      return error instanceof ReactorNotFoundError &&
        target?.mayBeGone === true;
    }
    if (state !== "waiting") return false;
    if (target === undefined) return true; // checked elsewhere
    this.#checkTurn(command);
    if (error instanceof ReactorNotFoundError) return target.mayBeGone;
    if (what === "close" || target.isGone) return false;
    if (error instanceof ConnectionClosedError) {
      target.foundClosing();
      return target.takesCommands;
    }
    return error instanceof CommandNotSupportedError && !target.takesCommands;
  }

  /**
   * Immediate commands are executed in the order of sending, deferred ones in
   * the order of their due times.
   */
  #checkTurn(command: LedgerCommand): void {
    const { deadline, isDeferred, serial } = command;
    const now = this.#node.now();
    const { isPunctual } = this.#node.cluster.workload;
    if (now < deadline) this.#broke(command, `is early: ${deadline} at ${now}`);
    if (isPunctual && !this.#node.isPolled && now > deadline + LATENESS_MS) {
      this.#broke(command, `is late: ${deadline} at ${now}`);
    }
    for (const other of this.#open) {
      const isRival = other.state === "waiting" && other.what === "user" &&
        other.isDeferred === isDeferred;
      const isBefore = isDeferred && other.deadline !== deadline
        ? other.deadline < deadline
        : other.serial < serial;
      if (isRival && isBefore && other !== command) {
        this.#broke(command, `overtakes command ${other.serial}`);
      }
    }
  }

  #broke(command: LedgerCommand, what: string): void {
    this.#node.cluster.broke(
      `command ${command.serial} (${command.what}) of ${this.#node.name} ${what}`,
    );
  }
}
