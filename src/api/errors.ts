/**
 * One class per failure. Every message names the value and the action; `cause`
 * holds the runtime's own error where there is one.
 *
 * @module
 */

import type { TlsFailureReason } from "../contract/tls.ts";
import { nameOf, ownClassOf } from "./own_errors.ts";

/**
 * What every error of the library is an instance of. Those that tell of a wrong
 * argument are also instances of what the language has for that: `RangeError` or
 * `TypeError`.
 */
export class ReactioError extends Error {
  /** @ignore */
  override name: string = nameOf(this, { ReactioError });

  /** @ignore */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === ReactioError
      ? ownClassOf(value as Error) !== undefined
      : super[Symbol.hasInstance](value);
  }
}

/** An address that is not `host:port`, `[ipv6]:port`, `unix:/path`, `unix:@name`, `fd:3`, or an object that says the same; or a path that is too long. */
export class InvalidAddressError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidAddressError });
}

/** The sockets of this runtime are not of the kind that the address asks for. */
export class UnsupportedTransportError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnsupportedTransportError });
}

/** A part of the library that is loaded when it is asked for first, such as TLS, cannot be loaded: a bundle is not all there, for instance; see `cause`. It is loaded again when it is asked for again. */
export class LoadError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { LoadError });
}

/** An option outside its range. */
export class InvalidOptionError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidOptionError });
}

/** A certificate or key that is missing, empty, or cannot be used. */
export class InvalidCredentialError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCredentialError });
}

/** What was given to be called is no function. */
export class InvalidCallbackError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCallbackError });
}

/** What was given as a reactor or listener handler lacks its one required method. */
export class InvalidReactorError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidReactorError });
}

/** A listen failed for a reason that has no class of its own; see `cause`. */
export class ListenError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ListenError });
}

/** Another socket is bound to the address. */
export class AddressInUseError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressInUseError });
}

/** The address is not one of this machine's. */
export class AddressNotAvailableError extends ListenError {
  /** @ignore */
  override name: string = nameOf(this, { AddressNotAvailableError });
}

/** A connect failed for a reason that has no class of its own, or at the addresses of a name for different reasons; see `cause`. */
export class ConnectError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectError });
}

/** Nobody listens at the address. */
export class ConnectionRefusedError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionRefusedError });
}

/** The connect took longer than `connectTimeoutMs`, or than the system allows. */
export class ConnectTimeoutError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectTimeoutError });
}

/** The peer reset a connection before it was open: so some systems tell of a listener that has dropped it. */
export class ConnectResetError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectResetError });
}

/** The signal of a connect was aborted; its reason is the `cause`. */
export class ConnectCancelledError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectCancelledError });
}

/** There is no route to the host. */
export class HostUnreachableError extends ConnectError {
  /** @ignore */
  override name: string = nameOf(this, { HostUnreachableError });
}

/** As many attempts to connect as were allowed have failed; `cause` is why the last one did. */
export class AttemptsExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AttemptsExhaustedError });
}

/** The host name does not resolve. */
export class NameNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NameNotFoundError });
}

/** The runtime or the system does not permit it. */
export class PermissionDeniedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PermissionDeniedError });
}

/** The process is out of file descriptors, buffers or memory. */
export class ResourcesExhaustedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ResourcesExhaustedError });
}

/** The connection ended without the peer's FIN: reset, broken pipe, or lost. */
export class ConnectionResetError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionResetError });
}

/**
 * The peer's end of a connection came without being said where it should be: in
 * TLS (close_notify), or on a WebSocket (a close frame). Anybody on the way may
 * have cut it; what it has sent may not be all, and so ends no message.
 */
export class TruncatedConnectionError extends ConnectionResetError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedConnectionError });
}

/** A handshake of TLS failed. */
export class TlsHandshakeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsHandshakeError });
  /** Why. */
  readonly reason: TlsFailureReason;

  /**
   * Tells of a handshake that failed.
   *
   * @param message Says which, and why.
   * @param options Why, in one word, and the runtime's own error.
   */
  constructor(
    message: string,
    { reason = "other", cause }: {
      readonly reason?: TlsFailureReason | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** A connection was to start TLS that has it already, or is about to. */
export class TlsAlreadyStartedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TlsAlreadyStartedError });
}

/**
 * Bytes were received in plain behind the message whose handler has started TLS.
 * To read them as if they had come in TLS would let anybody on the way put words
 * into the mouth of the peer, so the connection is closed.
 */
export class PlaintextAfterStartTlsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { PlaintextAfterStartTlsError });
}

/** An upgrade, which a connection goes through before it is served, took too long. */
export class UpgradeTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UpgradeTimeoutError });
}

/** The connection is closed or closing, so nothing more can be sent on it. */
export class ConnectionClosedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionClosedError });
}

/** The messages of a connection are being iterated, and were to be iterated by somebody else, too. */
export class ConnectionBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ConnectionBusyError });
}

/** The peer sent FIN in the middle of a message. */
export class TruncatedMessageError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TruncatedMessageError });
}

/** Nothing came in or went out for `idleTimeoutMs`. */
export class IdleTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { IdleTimeoutError });
}

/** Nothing came in for `readIdleTimeoutMs`. */
export class ReadIdleTimeoutError extends IdleTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { ReadIdleTimeoutError });
}

/** Something was queued to be sent, and nothing of it went out for `sendTimeoutMs`; the connection was aborted. */
export class SendTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendTimeoutError });
}

/** A message was not whole when `messageTimeoutMs` had passed since its first byte. */
export class MessageTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTimeoutError });
}

/** The peer sent no whole message within `firstMessageTimeoutMs`. */
export class FirstMessageTimeoutError extends MessageTimeoutError {
  /** @ignore */
  override name: string = nameOf(this, { FirstMessageTimeoutError });
}

/** A runtime was stopped, and the reactor had not finished within `drainMs` what was under way. */
export class DrainTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DrainTimeoutError });
}

/** A closing connection made no progress for `closeTimeoutMs` and was aborted. */
export class CloseTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CloseTimeoutError });
}

/** A message is, or announces itself, larger than `maxMessageSize`; or a socket read on although `onReadable` had not taken as much. */
export class MessageTooLargeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { MessageTooLargeError });
}

/**
 * Bytes that no codec of this kind writes, or a message that it cannot write. What
 * can go wrong has classes of its own, which extend this one.
 */
export class CodecError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecError });
}

/** A frame is, or says that it is, larger than the `max` of its codec; whoever was to receive or to send it. */
export class FrameTooLargeError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { FrameTooLargeError });
}

/** The length of a frame is one that it cannot have: less than its header, of too many bytes, or not what all frames have. */
export class InvalidFrameLengthError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidFrameLengthError });
}

/** What was to be sent holds the delimiter that ends it, or a text to send as a line holds a line break: its receiver would take it for two. */
export class DelimiterInPayloadError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { DelimiterInPayloadError });
}

/** Bytes that were to be a text are no UTF-8. */
export class InvalidTextError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidTextError });
}

/** A text to be written behind its size has more bytes than that can tell. */
export class TextTooLongError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { TextTooLongError });
}

/** A PROXY header that breaks its specification, fails its checksum, or is larger than it may be. */
export class ProxyHeaderError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderError });
}

/** What came first is no PROXY header. */
export class ProxyHeaderMissingError extends ProxyHeaderError {
  /** @ignore */
  override name: string = nameOf(this, { ProxyHeaderMissingError });
}

/** A `BinaryReader` was asked for more bytes than are left of its frame. */
export class ReadOutOfBoundsError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { ReadOutOfBoundsError });
}

/** A message was decoded, and bytes of its frame are left. */
export class UnreadBytesError extends CodecError {
  /** @ignore */
  override name: string = nameOf(this, { UnreadBytesError });
}

/** More was to be written to a `BinaryWriter` than its `max`. */
export class WriterFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WriterFullError });
}

/** What was given as a codec, or as the functions of one, lacks one of its methods, has no `maxFrameSize` that can be used, or has a method that returns a promise. */
export class InvalidCodecError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCodecError });
}

/** Nobody waits for the answer to a request any more: its time is over, or its signal was aborted. */
export class RequestAbandonedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestAbandonedError });
  /** False if nothing of it was sent, on any connection: it is not carried out. */
  readonly wasSent: boolean;

  /**
   * Tells of a request that nobody waits for.
   *
   * @param message Says which, and why.
   * @param options Whether it was sent, true by default; and the reason.
   */
  constructor(
    message: string,
    options: ErrorOptions & { readonly wasSent?: boolean } = {},
  ) {
    super(message, options);
    this.wasSent = options.wasSent ?? true;
  }
}

/** A request was not answered within its time limit, or its handler did not answer it. */
export class RequestTimeoutError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestTimeoutError });
}

/** As many requests wait to be sent as `maxQueue` allows. */
export class RequestQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RequestQueueFullError });
}

/** No message came within the `timeoutMs` of a `receive`. The connection stays as it is. */
export class ReceiveTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveTimeoutError });
}

/** The signal of a `receive` was aborted; its reason is the `cause`. The connection stays as it is. */
export class ReceiveCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReceiveCancelledError });
}

/** The signal of a request was aborted; its reason is the `cause`. If the request was sent already, it may be carried out all the same. */
export class RequestCancelledError extends RequestAbandonedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestCancelledError });
}

/** A request was sent, and the connection ended before its answer: whether it was carried out nobody knows. `cause` is what ended the connection. */
export class RequestLostError extends ConnectionClosedError {
  /** @ignore */
  override name: string = nameOf(this, { RequestLostError });
}

/** Another request with the same id waits for its answer, be it late. */
export class DuplicateRequestIdError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateRequestIdError });
}

/** A client of requests has a connection, and was given another one. */
export class AlreadyConnectedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AlreadyConnectedError });
}

/** A handler returned what is no message result, or one that cannot be carried out. */
export class InvalidMessageResultError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMessageResultError });
}

/** What was given as a number of messages to read is not an integer from 1 up. */
export class InvalidCreditError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidCreditError });
}

/** What was to be sent is no view of bytes, such as a `Uint8Array`, or does not lie within the one that was given. */
export class InvalidSliceError extends RangeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidSliceError });
}

/** A send would have made the queue larger than `maxSendQueue`. */
export class SendQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SendQueueFullError });
}

/** The connections of a runtime held more than `maxBufferedBytes`, and this one the most. */
export class BufferedBytesError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { BufferedBytesError });
}

/** A member of a `ReactorGroup` read too slowly, and the group closes such members. */
export class SlowMemberError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SlowMemberError });
}

/** What was given as a member of a `ReactorGroup` is not the context of a connection. */
export class InvalidMemberError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidMemberError });
}

/** An `AutoSendBuffer` was written to after the end of its scope. */
export class AutoSendBufferDisposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AutoSendBufferDisposedError });
}

/** A handler threw something that is not an `Error`; it is the `cause`. */
export class HandlerError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { HandlerError });
}

/** No reactor has the id: it was closed, or never was. */
export class ReactorNotFoundError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { ReactorNotFoundError });
}

/** The reactor cannot receive commands: it has no `onCommand`, or it is a listener. */
export class CommandNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandNotSupportedError });
}

/** The command was cancelled before it was carried out. */
export class CommandCancelledError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandCancelledError });
}

/** Too many commands wait to be completed. */
export class CommandQueueFullError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CommandQueueFullError });
}

/** The runtime was stopped before, or while, it was asked to do something. */
export class RuntimeStoppedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeStoppedError });
}

/** No thread has that runtime id. */
export class UnknownRuntimeError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownRuntimeError });
}

/** A worker did not become ready: its module failed, or it did not answer in time. `cause` is the worker's own error, with its stack. */
export class WorkerStartError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerStartError });
}

/** A worker ended without being asked to; `cause` is what it threw, if it did. */
export class WorkerExitedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { WorkerExitedError });
}

/** A module of reactors does not export by default what `defineReactors` returns. */
export class InvalidModuleError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidModuleError });
}

/** The module of reactors registers no factory of that name. */
export class UnknownFactoryError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownFactoryError });
}

/** The thread that is asked has no service of that name. */
export class UnknownServiceError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { UnknownServiceError });
}

/** The thread that is to be asked has as many questions of this one that it has not answered as it may have. */
export class TooManyQuestionsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { TooManyQuestionsError });
}

/** A question was sent, and no answer will be heard: the service may have been called, or not. `cause` is why, such as the end of the thread. */
export class AskOutcomeUnknownError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { AskOutcomeUnknownError });
}

/** No answer came within the time limit. The service may have been called, or may still be. */
export class AskTimeoutError extends AskOutcomeUnknownError {
  /** @ignore */
  override name: string = nameOf(this, { AskTimeoutError });
}

/** A command or parameter for another thread holds what the structured clone algorithm cannot copy. */
export class NotCloneableError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NotCloneableError });
}

/** What a service answers, or `onCommand` returns, holds what the structured clone algorithm cannot copy: the question was carried out, or the command. */
export class AnswerNotCloneableError extends NotCloneableError {
  /** @ignore */
  override name: string = nameOf(this, { AnswerNotCloneableError });
}

/** The name stands for another reactor already. */
export class DuplicateNameError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { DuplicateNameError });
}

/** What was given as the name of a reactor is no string. */
export class InvalidNameError extends TypeError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidNameError });
}

/** The thread of a reactor did not confirm within the time limit that the reactor is there, so it got no name. */
export class NamingTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { NamingTimeoutError });
}

/** The adapter does not tell of signals. */
export class SignalsNotSupportedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SignalsNotSupportedError });
}

/** What the process was told of sockets that were handed over to it makes no sense, or may not be read. */
export class InheritedSocketsError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InheritedSocketsError });
}

/** What was read is no recording of a connection, of a version that is not known, or damaged. */
export class InvalidRecordingError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InvalidRecordingError });
}

/** A second `run` or `processEvents` was called while one is under way. */
export class RuntimeBusyError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { RuntimeBusyError });
}

/** An inspector was to listen where others than this machine can reach it, and had no token. */
export class InspectorExposedError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { InspectorExposedError });
}

/** What uses a simulated adapter broke a rule of its contract. */
export class SimContractError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimContractError });
}

/** What was waited for did not come within the virtual time that it was given. */
export class SimTimeoutError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimTimeoutError });
}

/** In a simulation nothing was left to happen, and something still waited. */
export class SimDeadlockError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimDeadlockError });
}

/** An invariant of a simulation did not hold. */
export class SimInvariantError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimInvariantError });
}

/** A simulation had more events, or took more virtual time, than it was given. */
export class SimLimitError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLimitError });
}

/** At the end of a simulation something was still open. */
export class SimLeftoverError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimLeftoverError });
}

/** A codec breaks a promise, as `testCodec` has found out; the message says how to see it again, `cause` what is wrong. */
export class CodecTestError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { CodecTestError });
}

/** A run of a simulation failed; `cause` is the reason. */
export class SimulationError extends ReactioError {
  /** @ignore */
  override name: string = nameOf(this, { SimulationError });
  /** The seed of the run that is told of. */
  readonly seed: number;
  /** The option that repeats it: `simulate({ ...options, replay }, scenario)`. */
  readonly replay: string;
  readonly #trace: readonly string[];

  /**
   * Tells of a run that failed.
   *
   * @param message Says which, and why.
   * @param options What repeats it, and the reason.
   */
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
    this.#trace = trace;
  }

  /** The last lines of its trace, which the message ends with. */
  get trace(): readonly string[] {
    return this.#trace;
  }
}
