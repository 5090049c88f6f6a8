import type { Address } from "../adapters/adapter.ts";
import type { AddressLike } from "./address.ts";
import type { Deferred } from "./deferred.ts";
import type { ConnectOptions, ListenOptions } from "./options.ts";
import type { Reactor, TcpListenerHandler } from "./reactor.ts";
import type { ReactorID } from "./reactor_id.ts";

/** The identity of a command that was sent; it is never given twice. */
export type CommandId = number & { readonly brand: "CommandId" };

/** The id of no command. */
export const INVALID_COMMAND_ID: CommandId = 0 as CommandId;

/** What became of a command. */
export type CommandResult =
  | {
    readonly ok: true;
    /** Who carried it out: the reactor that is connected, listens, is closed, or took the command. */
    readonly reactorId: ReactorID;
    /** Where this end of it is bound, of a connect or a listen. */
    readonly localAddress?: Address;
  }
  | { readonly ok: false; readonly error: Error };

/**
 * Called exactly once for a command, in a turn of the runtime and never from
 * inside the call that sends or cancels it. What it throws, or rejects with, is logged.
 */
export type CommandCompletion = (result: CommandResult) => void;

/** What every command takes. */
export interface CommandOptions {
  /** When it is carried out. Default `Deferred.immediate`. */
  readonly deferred?: Deferred | undefined;
  /**
   * Told what became of it. A failure without a completion is logged in a line at
   * `LogLevel.Warn`, unless the command was cancelled, or was to close what is
   * closed already.
   */
  readonly completion?: CommandCompletion | undefined;
}

/** Options of {@linkcode CmdSender.sendConnect}. */
export interface ConnectCommandOptions extends CommandOptions, ConnectOptions {}

/** Options of {@linkcode CmdSender.sendListen}. */
export interface ListenCommandOptions extends CommandOptions, ListenOptions {}

/** Options of {@linkcode CmdSender.sendClose}. */
export interface CloseCommandOptions extends CommandOptions {
  /** Close now and drop what is queued, instead of sending it first. Default false. */
  readonly abort?: boolean | undefined;
}

/**
 * Sends commands to a runtime. Commands that are due at once are carried out in
 * the order they were sent, in the runtime's next turn; deferred ones in the
 * order of their times, and of sending where these are equal. At most 2^20
 * commands may wait to be completed; what is sent beyond fails with
 * `CommandQueueFullError`, and what is sent to a stopped runtime with
 * `RuntimeStoppedError`. Both have the id {@linkcode INVALID_COMMAND_ID}.
 *
 * No method throws: every failure, a bad address or option included, goes to the
 * completion. An address is read when the command is sent, and if it is bad the
 * command fails at once. All may be called from any handler and from outside.
 */
export interface CmdSender<UserCommand = unknown> {
  /** Connects to `address` and gives the connection to `reactor`. Completed when it is open and `onConnected` has returned. */
  sendConnect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options?: ConnectCommandOptions,
  ): CommandId;

  /** Listens on `address` and gives the listener to `handler`. Completed when it is bound and `onStartListen` has returned. */
  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId;

  /**
   * Closes a reactor in good order, or a listener. Completed when it is closed,
   * after its `onClose`. If the runtime stops before the command is due it is
   * carried out then, and not refused.
   */
  sendClose(reactorId: ReactorID, options?: CloseCommandOptions): CommandId;

  /** Gives `cmd` to the reactor's `onCommand`. Completed when that has returned. */
  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options?: CommandOptions,
  ): CommandId;

  /**
   * Cancels a command that is not carried out yet, or a connect that is under
   * way; its completion gets {@linkcode CommandCancelledError}. False if it is
   * too late or was done before.
   */
  cancel(id: CommandId): boolean;
}
