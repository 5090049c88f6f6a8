import {
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
import type { End } from "./end.ts";
import type { Cause } from "./lifecycle.ts";
import type { Site } from "./site.ts";

/** A command to a reactor. */
export interface Cmd {
  readonly command: SentCommand;
  /** What the reactor does. */
  readonly deed: (end: End) => void;
}

/** Whom a command is for. */
export interface Target {
  readonly reactorId: ReactorID;
  /** It is closed, or never was. */
  readonly isGone: boolean;
  /** Its id may find nothing any more, even if it has not heard that it is closed. */
  readonly mayBeGone: boolean;
  readonly takesCommands: boolean;
  /** A command to close it was sent. */
  mayBeClosed(isAbort: boolean): void;
  /** A command found it closing. */
  foundClosing(): void;
}

/** Whom no command reaches. */
export const NOBODY: Target = {
  reactorId: INVALID_REACTOR_ID,
  isGone: true,
  mayBeGone: true,
  takesCommands: false,
  mayBeClosed() {},
  foundClosing() {},
};

/** What a command is to do, and with whom. */
export interface Purpose {
  readonly what: "user" | "close" | "connect" | "listen";
  readonly target?: Target;
}

/** A command, and what is known of it. */
export interface SentCommand extends Purpose {
  readonly serial: number;
  readonly isDeferred: boolean;
  /** When it is due. */
  readonly deadline: number;
  /** It was sent after the stop. */
  readonly isTooLate: boolean;
  id: CommandId;
  state:
    | "waiting"
    | "carried out"
    | "cancelled"
    | "refused"
    | "hurried"
    | "told";
  /** What its reactor threw. */
  thrown: Cause | undefined;
}

/** How much later than it is due a command may be carried out where nothing is late. */
const LATENESS_MS = 0.1;

/** The commands of a runtime: each is told of once, truly, and carried out in its turn. */
export class CommandLedger {
  readonly #site: Site;
  readonly #open = new Set<SentCommand>();
  readonly #all: SentCommand[] = [];
  #current: SentCommand | undefined = undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  /** Nothing is left to be told. */
  get isSettled(): boolean {
    return this.#open.size === 0;
  }

  /** How many of those that were sent before the stop are not told of. */
  get countLeft(): number {
    return [...this.#open].filter((command) => !command.isTooLate).length;
  }

  /** Sends a command by `send`, which gives its id; `onTold` hears how it ended. */
  send(
    random: SimRandom,
    purpose: Purpose,
    send: (options: CommandOptions, command: SentCommand) => CommandId,
    onTold: (result: CommandResult) => void = () => {},
  ): void {
    const { adapter } = this.#site.runtime;
    const deferred = drawDeferred(random, adapter.clock.wallNow());
    const delay = delayOf(deferred, adapter.clock.wallNow());
    const command: SentCommand = {
      ...purpose,
      serial: this.#all.length,
      isDeferred: delay > 0,
      deadline: adapter.clock.now() + delay,
      isTooLate: this.#site.isStopping,
      id: INVALID_COMMAND_ID,
      state: this.#site.isStopping ? "refused" : "waiting",
      thrown: undefined,
    };
    this.#all.push(command);
    this.#open.add(command);
    const completion = (result: CommandResult) =>
      this.#site.inHandler(
        `the completion of command ${command.serial}`,
        () => {
          this.#onTold(command, result);
          onTold(result);
        },
      );
    command.id = send({ deferred, completion }, command);
    if ((command.id === INVALID_COMMAND_ID) !== this.#site.isStopping) {
      this.#broke(command, `has the id ${command.id}`);
    }
  }

  /** Cancels a command of any age. */
  cancel(random: SimRandom): void {
    if (this.#all.length === 0) return;
    const command = random.pick(this.#all);
    const isTaken = this.#site.runtime.cmdSender.cancel(command.id);
    const isFree = command.state === "waiting";
    if (isTaken && !isFree) {
      this.#broke(command, `was cancelled, and is ${command.state}`);
    } else if (!isTaken && isFree && command.what === "user") {
      this.#broke(command, "cannot be cancelled, and waits");
    }
    if (isTaken) command.state = "cancelled";
  }

  /** The runtime is stopped: closes are carried out now, and nothing else any more. */
  refuse(): void {
    for (const command of this.#open) {
      if (command.state !== "waiting") continue;
      command.state = command.what === "close" ? "hurried" : "refused";
    }
  }

  /** `end` gets a command. */
  carryOut({ command, deed }: Cmd, end: End): void {
    if (command.target !== end) {
      this.#broke(command, `reaches ${end}`);
    }
    if (command.state !== "waiting") {
      this.#broke(command, `is carried out, and is ${command.state}`);
    }
    this.#checkTurn(command);
    command.state = "carried out";
    this.#current = command;
    deed(end);
  }

  /** The reactor that carries out a command throws. */
  onThrown(cause: Cause): void {
    if (this.#current !== undefined) this.#current.thrown = cause;
  }

  #onTold(command: SentCommand, result: CommandResult): void {
    if (!this.#open.delete(command)) this.#broke(command, "is told of twice");
    const isRight = result.ok
      ? this.#isDone(command, result.reactorId)
      : this.#isFailure(command, result.error);
    if (!isRight) {
      this.#broke(
        command,
        `is ${command.state}, and was told ${
          result.ok ? `ok by ${result.reactorId}` : result.error
        }`,
      );
    }
    command.state = "told";
  }

  #isDone(command: SentCommand, by: ReactorID): boolean {
    const { what, state, target, thrown, deadline } = command;
    const isEarly = this.#site.now() < deadline && state !== "hurried";
    if (isEarly || state === "cancelled") return false;
    if (target !== undefined && target.reactorId !== by) return false;
    switch (what) {
      case "user":
        return state === "carried out" && thrown === undefined;
      case "close":
        return target !== NOBODY && target?.isGone === true;
      case "connect":
        // A stop comes too late for one whose `onConnected` calls it.
        return true;
      case "listen":
        return state === "waiting";
    }
  }

  #isFailure(command: SentCommand, error: Error): boolean {
    const { state, thrown, target, what } = command;
    if (thrown !== undefined) return thrown.isReason(error);
    if (error instanceof CommandCancelledError) return state === "cancelled";
    if (error instanceof RuntimeStoppedError) return state === "refused";
    if (state === "hurried") {
      return error instanceof ReactorNotFoundError &&
        target?.mayBeGone === true;
    }
    if (state !== "waiting") return false;
    if (target === undefined) return true; // it is looked at elsewhere
    this.#checkTurn(command);
    if (error instanceof ReactorNotFoundError) return target.mayBeGone;
    if (what === "close" || target.isGone) return false;
    if (error instanceof ConnectionClosedError) {
      target.foundClosing();
      return target.takesCommands;
    }
    return error instanceof CommandNotSupportedError && !target.takesCommands;
  }

  /** Those at once go in the order of sending, those that are deferred in the order of their times. */
  #checkTurn(command: SentCommand): void {
    const { deadline, isDeferred, serial } = command;
    const now = this.#site.now();
    const { isPunctual } = this.#site.world.ground;
    if (now < deadline) this.#broke(command, `is early: ${deadline} at ${now}`);
    if (isPunctual && !this.#site.isPolled && now > deadline + LATENESS_MS) {
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

  #broke(command: SentCommand, what: string): void {
    this.#site.world.broke(
      `command ${command.serial} (${command.what}) of ${this.#site.name} ${what}`,
    );
  }
}
