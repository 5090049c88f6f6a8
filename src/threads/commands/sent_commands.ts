import type { AddressLike } from "../../api/address.ts";
import type { CommandId } from "../../api/command.ts";
import { INVALID_COMMAND_ID } from "../../api/command.ts";
import {
  meansGone,
  RemoteCommand,
  userCmdAction,
} from "../../core/commands.ts";
import { notFound, withAction } from "../../core/failures.ts";
import {
  type Endpoint,
  endpointOf,
  type GivenOptions,
} from "../../core/command_options.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import type { InvalidReactorError } from "../../api/errors.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../../api/reactor_id.ts";
import { isError, textOf } from "../../util/text.ts";
import type { Link } from "../link/link.ts";
import { type Transfer, transferOf } from "../link/moved_buffers.ts";
import { unknownFactory } from "../reactor_module.ts";
import type { OpenRecord } from "../link/batch.ts";
import { showUid } from "../reactor_uid.ts";

/** Another thread, as its commands see it. */
export interface PeerThread {
  readonly runtimeId: number;
  /** The link to it; a new one after a restart. */
  readonly link: Link;
  readonly loop: TurnLoop<unknown>;
}

/** A command to another thread that waits for its time or for its answer. */
abstract class SentCommand extends RemoteCommand<unknown> {
  protected readonly peer: PeerThread;

  constructor(peer: PeerThread, { completion, failure }: GivenOptions) {
    super(completion);
    this.peer = peer;
    this.failure = failure;
  }

  /** Sends it; returns why that failed, if it did. */
  protected abstract send(link: Link, id: CommandId): Error | undefined;

  execute(): void {
    const { link, loop } = this.peer;
    const error = this.send(link, this.id as CommandId);
    if (error === undefined) link.expect(this);
    else loop.defer(() => this.fail(withAction(error, this.action)));
  }
}

/** A connect or listen. */
abstract class SentOpen extends SentCommand {
  protected readonly endpoint: Endpoint;
  readonly #factory: string;
  readonly #param: unknown;
  readonly #options: object;

  constructor(
    peer: PeerThread,
    address: AddressLike,
    factory: string,
    param: unknown,
    options: GivenOptions,
  ) {
    super(peer, options);
    this.endpoint = endpointOf(address);
    this.#factory = factory;
    this.#param = param;
    this.#options = options.rest;
    this.failure ??= this.endpoint.failure ??
      (typeof factory === "string" ? undefined : unknownFactory(factory));
  }

  protected record(id: CommandId): OpenRecord {
    return {
      id,
      address: this.endpoint.address,
      factory: this.#factory,
      param: this.#param,
      options: this.#options,
    };
  }
}

export class SentConnect extends SentOpen {
  get action(): string {
    return `connect to ${this.endpoint.text} in runtime ${this.peer.runtimeId}`;
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    const error = link.sendConnect(this.record(id));
    if (error !== undefined) return error;
    this.abandon = () => {
      link.sendCancel(id);
      return true;
    };
    return undefined;
  }
}

export class SentListen extends SentOpen {
  readonly #transfer: readonly unknown[] | undefined;

  /** Buffers in `transfer` are moved to the other thread with the options. */
  constructor(
    peer: PeerThread,
    address: AddressLike,
    factory: string,
    param: unknown,
    options: GivenOptions,
    transfer: readonly unknown[] | undefined,
  ) {
    super(peer, address, factory, param, options);
    this.#transfer = transfer;
  }

  get action(): string {
    return `listen on ${this.endpoint.text} in runtime ${this.peer.runtimeId}`;
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendListen(this.record(id), this.#transfer);
  }
}

/** A command for a reactor there. */
abstract class SentToReactor extends SentCommand {
  protected readonly target: ReactorID;
  readonly #say: (target: ReactorID, runtimeId: number) => string;

  /** `say` describes what it does to the reactor. */
  constructor(
    peer: PeerThread,
    say: (target: ReactorID, runtimeId: number) => string,
    target: ReactorID | InvalidReactorError,
    options: GivenOptions,
  ) {
    super(peer, options);
    this.#say = say;
    this.target = isError(target) ? INVALID_REACTOR_ID : targetOf(target);
    if (isError(target)) this.failure = target;
    // It could not be sent anyway: ids travel as numbers.
    if (typeof this.target !== "number") {
      this.failure ??= notFound(this.action);
    }
  }

  get action(): string {
    return this.#say(this.target, this.peer.runtimeId);
  }
}

export class SentClose extends SentToReactor {
  readonly #abort: boolean;

  constructor(
    peer: PeerThread,
    target: ReactorID | InvalidReactorError,
    options: GivenOptions,
  ) {
    super(peer, closeAction, target, options);
    this.#abort = Boolean(options.rest.abort);
  }

  override isNeedless(error: Error): boolean {
    return meansGone(error);
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendClose(id, this.target, this.#abort);
  }
}

export class SentUserCmd extends SentToReactor {
  readonly #cmd: unknown;
  readonly #transfer: Transfer;

  constructor(
    peer: PeerThread,
    target: ReactorID | InvalidReactorError,
    cmd: unknown,
    options: GivenOptions,
  ) {
    super(peer, userCmdAction, target, options);
    this.#cmd = cmd;
    const transfer = transferOf(options);
    if (isError(transfer)) this.failure ??= transfer;
    this.#transfer = isError(transfer) ? [] : transfer;
  }

  override execute(): void {
    if (this.isAwaited) return super.execute();
    const error = this.send(this.peer.link, INVALID_COMMAND_ID);
    if (error === undefined) this.succeed(this.target);
    else this.fail(withAction(error, this.action));
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendUser(id, this.target, this.#cmd, this.#transfer);
  }
}

function closeAction(reactorId: ReactorID, runtimeId: number): string {
  return `close ${showUid({ runtimeId, reactorId })}`;
}

/** `id` if it can be one; otherwise its text, for messages: no reactor has that as its id. */
function targetOf(id: ReactorID): ReactorID {
  return typeof id === "number" ? id : textOf(id) as unknown as ReactorID;
}
