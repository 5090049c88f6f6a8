/**
 * Commands: their ids, results and options.
 *
 * @module
 */

import type { SocketAddress } from "../contract/address.ts";
import type { Deferred } from "./deferred.ts";
import type { ConnectOptions } from "./options/connect.ts";
import type { ListenOptions } from "./options/listen.ts";
import type { ReactorID } from "./reactor_id.ts";

/**
 * The identity of a command that was sent; it is never reused.
 *
 * @category Commands
 */
export type CommandId = number & { readonly brand: "CommandId" };

/**
 * An id that no command has.
 *
 * @category Commands
 */
export const INVALID_COMMAND_ID: CommandId = 0 as CommandId;

/**
 * The outcome of a command.
 *
 * @category Commands
 */
export type CommandResult =
  | {
    readonly ok: true;
    /**
     * The reactor concerned: the one that was connected, listens, was closed,
     * or received the command.
     */
    readonly reactorId: ReactorID;
  }
  | { readonly ok: false; readonly error: Error };

/**
 * The outcome of a command for a reactor's `onCommand`.
 *
 * @category Commands
 */
export type UserCommandResult<Value = unknown> =
  | {
    readonly ok: true;
    /** The reactor that received the command. */
    readonly reactorId: ReactorID;
    /**
     * The value that the reactor's `onCommand` returned, or that its promise
     * resolved to; a copy, if the reactor is in another thread.
     */
    readonly value: Value;
  }
  | { readonly ok: false; readonly error: Error };

/**
 * The outcome of a command to connect or listen.
 *
 * @category Commands
 */
export type OpenResult<UserCommand = unknown, Value = unknown> =
  | {
    readonly ok: true;
    /** The reactor that is connected, or the listener. */
    readonly reactorId: ReactorID<UserCommand, Value>;
    /** The address that this end of it is bound to; the port is the real one. */
    readonly localAddress: SocketAddress;
  }
  | { readonly ok: false; readonly error: Error };

/**
 * The commands that may be sent to a target that takes `Taken`: exactly those,
 * or the commands of the sender's runtime if the target's type does not say.
 *
 * @category Commands
 */
export type CommandFor<Taken, Otherwise> = unknown extends Taken ? Otherwise
  : Taken;

/**
 * Called exactly once for a command, in a turn of the runtime and never from
 * inside the call that sends or cancels it. If it throws or rejects, that is logged.
 *
 * @param result The outcome.
 *
 * @category Commands
 */
export type CommandCompletion<Result = CommandResult> = (
  result: Result,
) => void;

/**
 * Options of every command.
 *
 * @category Commands
 */
export interface CommandOptions<Result = CommandResult> {
  /** When it is executed. Default `Deferred.immediate`. */
  readonly deferred?: Deferred | undefined;
  /**
   * Called with the outcome. Without a completion, a failure is logged in one
   * line at `LogLevel.Warn`, unless the command was cancelled, or was to close
   * a target that was already closed.
   */
  readonly completion?: CommandCompletion<Result> | undefined;
}

/**
 * Options of {@linkcode CmdSender.sendConnect}.
 *
 * @category Commands
 */
export interface ConnectCommandOptions<UserCommand = unknown, Value = unknown>
  extends CommandOptions<OpenResult<UserCommand, Value>>, ConnectOptions {}

/**
 * Options of {@linkcode CmdSender.sendListen}.
 *
 * @category Commands
 */
export interface ListenCommandOptions
  extends CommandOptions<OpenResult>, ListenOptions {}

/**
 * Options of {@linkcode CmdSender.sendClose}.
 *
 * @category Commands
 */
export interface CloseCommandOptions extends CommandOptions {
  /**
   * Close now and drop queued bytes, instead of sending them first. Default
   * false.
   */
  readonly abort?: boolean | undefined;
}
