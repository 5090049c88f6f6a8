/**
 * One class per failure. Every message names the value and the action; `cause`
 * holds the runtime's own error where there is one.
 *
 * @module
 */

/** The base of every error the library makes. */
export class ReactioError extends Error {
  /** Says what was tried with which value, and why it failed. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = NAMES.get(new.target) ?? new.target.name;
  }
}

/** An address that is not `host:port`, `[ipv6]:port`, `unix:/path`, or an object that says the same. */
export class InvalidAddressError extends ReactioError {}

/** The sockets of this runtime are not of the kind that the address asks for. */
export class UnsupportedTransportError extends ReactioError {}

/** An option outside its range. */
export class InvalidOptionError extends ReactioError {}

/** What was given as a reactor or listener handler lacks its one required method. */
export class InvalidReactorError extends ReactioError {}

/** A listen failed for a reason that has no class of its own; see `cause`. */
export class ListenError extends ReactioError {}

/** Another socket is bound to the address. */
export class AddressInUseError extends ListenError {}

/** The address is not one of this machine's. */
export class AddressNotAvailableError extends ListenError {}

/** A connect failed for a reason that has no class of its own; see `cause`. */
export class ConnectError extends ReactioError {}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends ConnectError {}

/** The connect took longer than `connectTimeoutMs`, or than the system allows. */
export class ConnectTimeoutError extends ConnectError {}

/** There is no route to the host. */
export class HostUnreachableError extends ConnectError {}

/** The host name does not resolve. */
export class NameNotFoundError extends ReactioError {}

/** The runtime or the system does not permit it. */
export class PermissionDeniedError extends ReactioError {}

/** The process is out of file descriptors, buffers or memory. */
export class ResourcesExhaustedError extends ReactioError {}

/** The connection ended without the peer's FIN: reset, broken pipe, or lost. */
export class ConnectionResetError extends ReactioError {}

/** The connection is closed or closing, so nothing more can be sent on it. */
export class ConnectionClosedError extends ReactioError {}

/** The peer sent FIN in the middle of a message. */
export class TruncatedMessageError extends ReactioError {}

/** Nothing came in or went out for `idleTimeoutMs`. */
export class IdleTimeoutError extends ReactioError {}

/** A closing connection made no progress for `closeTimeoutMs` and was aborted. */
export class CloseTimeoutError extends ReactioError {}

/** A message is, or announces itself, larger than `maxMessageSize`; or a socket read on although `onReadable` had not taken as much. */
export class MessageTooLargeError extends ReactioError {}

/** A handler returned what is no message result, or one that cannot be carried out. */
export class InvalidMessageResultError extends ReactioError {}

/** What was to be sent is no view of bytes, such as a `Uint8Array`, or does not lie within the one that was given. */
export class InvalidSliceError extends ReactioError {}

/** A send would have made the queue larger than `maxSendQueue`. */
export class SendQueueFullError extends ReactioError {}

/** An `AutoSendBuffer` was written to after the end of its scope. */
export class AutoSendBufferDisposedError extends ReactioError {}

/** A handler threw something that is not an `Error`; it is the `cause`. */
export class HandlerError extends ReactioError {}

/** No reactor has the id: it was closed, or never was. */
export class ReactorNotFoundError extends ReactioError {}

/** The reactor cannot receive commands: it has no `onCommand`, or it is a listener. */
export class CommandNotSupportedError extends ReactioError {}

/** The command was cancelled before it was carried out. */
export class CommandCancelledError extends ReactioError {}

/** Too many commands wait to be completed. */
export class CommandQueueFullError extends ReactioError {}

/** The runtime was stopped before, or while, it was asked to do something. */
export class RuntimeStoppedError extends ReactioError {}

/** No thread has that runtime id. */
export class UnknownRuntimeError extends ReactioError {}

/** A worker did not become ready: its module failed, or it did not answer in time. `cause` is the worker's own error, with its stack. */
export class WorkerStartError extends ReactioError {}

/** A worker ended without being asked to; `cause` is what it threw, if it did. */
export class WorkerExitedError extends ReactioError {}

/** A module of reactors does not export by default what `defineReactors` returns. */
export class InvalidModuleError extends ReactioError {}

/** The module of reactors registers no factory of that name. */
export class UnknownFactoryError extends ReactioError {}

/** A command or parameter for another thread holds what the structured clone algorithm cannot copy. */
export class NotCloneableError extends ReactioError {}

/** The name stands for another reactor already. */
export class DuplicateNameError extends ReactioError {}

/** What was given as the name of a reactor is no string. */
export class InvalidNameError extends ReactioError {}

/** The thread of a reactor did not confirm within the time limit that the reactor is there, so it got no name. */
export class NamingTimeoutError extends ReactioError {}

/** A second `run` or `processEvents` was called while one is under way. */
export class RuntimeBusyError extends ReactioError {}

/** What uses a simulated adapter broke a rule of its contract. */
export class SimContractError extends ReactioError {}

/** What was waited for did not come within the virtual time that it was given. */
export class SimTimeoutError extends ReactioError {}

/** In a simulation nothing was left to happen, and something still waited. */
export class SimDeadlockError extends ReactioError {}

/** An invariant of a simulation did not hold. */
export class SimInvariantError extends ReactioError {}

/** A simulation had more events, or took more virtual time, than it was given. */
export class SimLimitError extends ReactioError {}

/** At the end of a simulation something was still open. */
export class SimLeftoverError extends ReactioError {}

/** A run of a simulation failed; `cause` is the reason. */
export class SimulationError extends ReactioError {
  /** The seed of the run that is told of. */
  readonly seed: number;
  /** The option that repeats it: `simulate({ ...options, replay }, scenario)`. */
  readonly replay: string;
  /** The last lines of its trace. */
  readonly trace: readonly string[];

  /** Tells of a run that failed. */
  constructor(
    message: string,
    { seed, replay, trace, cause }: {
      readonly seed: number;
      readonly replay: string;
      readonly trace: readonly string[];
      readonly cause: unknown;
    },
  ) {
    super(message, { cause });
    this.seed = seed;
    this.replay = replay;
    this.trace = trace;
  }
}

/** What the classes are called: written out, as minifiers give them other names. */
const NAMES: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ReactioError,
    InvalidAddressError,
    UnsupportedTransportError,
    InvalidOptionError,
    InvalidReactorError,
    ListenError,
    AddressInUseError,
    AddressNotAvailableError,
    ConnectError,
    ConnectionRefusedError,
    ConnectTimeoutError,
    HostUnreachableError,
    NameNotFoundError,
    PermissionDeniedError,
    ResourcesExhaustedError,
    ConnectionResetError,
    ConnectionClosedError,
    TruncatedMessageError,
    IdleTimeoutError,
    CloseTimeoutError,
    MessageTooLargeError,
    InvalidMessageResultError,
    InvalidSliceError,
    SendQueueFullError,
    AutoSendBufferDisposedError,
    HandlerError,
    ReactorNotFoundError,
    CommandNotSupportedError,
    CommandCancelledError,
    CommandQueueFullError,
    RuntimeStoppedError,
    UnknownRuntimeError,
    WorkerStartError,
    WorkerExitedError,
    InvalidModuleError,
    UnknownFactoryError,
    NotCloneableError,
    DuplicateNameError,
    InvalidNameError,
    NamingTimeoutError,
    RuntimeBusyError,
    SimContractError,
    SimTimeoutError,
    SimDeadlockError,
    SimInvariantError,
    SimLimitError,
    SimLeftoverError,
    SimulationError,
  }).map(([name, errorClass]) => [errorClass, name]),
);
