import type { AddressLike } from "../address.ts";
import { showAddress } from "../address.ts";
import type {
  CloseCommandOptions,
  CommandId,
  CommandOptions,
} from "../cmd_sender.ts";
import { INVALID_COMMAND_ID } from "../cmd_sender.ts";
import { isGone, RemoteCommand } from "../core/commands.ts";
import { withAction } from "../core/failures.ts";
import type { TurnLoop } from "../core/turn_loop.ts";
import type { ReactorID } from "../reactor_id.ts";
import type { Link } from "./link.ts";
import type { OpenRecord } from "./records.ts";
import { showUid } from "./reactor_uid.ts";

/** Another thread, as its commands see it. */
export interface Peer {
  readonly runtimeId: number;
  /** The way to it; another one after it was restarted. */
  readonly link: Link;
  readonly loop: TurnLoop<unknown>;
}

/** A command to another thread that waits for its time or for its answer. */
abstract class SentCommand extends RemoteCommand<unknown> {
  protected readonly peer: Peer;

  constructor(peer: Peer, options: CommandOptions) {
    super(options.completion);
    this.peer = peer;
  }

  /** Sends it; returns why that failed. */
  protected abstract send(link: Link, id: CommandId): Error | undefined;

  execute(): void {
    const { link, loop } = this.peer;
    const error = this.send(link, this.id as CommandId);
    if (error === undefined) link.expect(this);
    else loop.defer(() => this.fail(withAction(error, this.action)));
  }
}

export class SentConnect extends SentCommand {
  readonly #record: Omit<OpenRecord, "id">;

  constructor(
    peer: Peer,
    record: Omit<OpenRecord, "id">,
    options: CommandOptions,
  ) {
    super(peer, options);
    this.#record = record;
  }

  get action(): string {
    return `connect to ${
      showAddress(this.#record.address)
    } in runtime ${this.peer.runtimeId}`;
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    this.abandon = () => {
      link.sendCancel(id);
      return true;
    };
    return link.sendConnect({ id, ...this.#record });
  }
}

export class SentListen extends SentCommand {
  readonly #record: Omit<OpenRecord, "id">;
  readonly #transfer: readonly unknown[] | undefined;

  constructor(
    peer: Peer,
    record: Omit<OpenRecord, "id">,
    options: CommandOptions,
    transfer?: readonly unknown[],
  ) {
    super(peer, options);
    this.#record = record;
    this.#transfer = transfer;
  }

  get action(): string {
    return `listen on ${
      showAddress(this.#record.address)
    } in runtime ${this.peer.runtimeId}`;
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendListen({ id, ...this.#record }, this.#transfer);
  }
}

export class SentClose extends SentCommand {
  readonly #target: ReactorID;
  readonly #abort: boolean;

  constructor(peer: Peer, target: ReactorID, options: CloseCommandOptions) {
    super(peer, options);
    this.#target = target;
    this.#abort = options.abort ?? false;
  }

  get action(): string {
    return `close ${
      showUid({ runtimeId: this.peer.runtimeId, reactorId: this.#target })
    }`;
  }

  override isNeedless(error: Error): boolean {
    return isGone(error);
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendClose(id, this.#target, this.#abort);
  }
}

export class SentUserCmd extends SentCommand {
  readonly #target: ReactorID;
  readonly #cmd: unknown;

  constructor(
    peer: Peer,
    target: ReactorID,
    cmd: unknown,
    options: CommandOptions,
  ) {
    super(peer, options);
    this.#target = target;
    this.#cmd = cmd;
  }

  get action(): string {
    return userCmdAction(this.peer.runtimeId, this.#target);
  }

  override execute(): void {
    if (this.isAwaited) return super.execute();
    const error = this.peer.link.sendUser(
      INVALID_COMMAND_ID,
      this.#target,
      this.#cmd,
    );
    if (error === undefined) this.succeed(this.#target);
    else this.fail(withAction(error, this.action));
  }

  protected send(link: Link, id: CommandId): Error | undefined {
    return link.sendUser(id, this.#target, this.#cmd);
  }
}

/** What a user command does, for messages. */
export function userCmdAction(runtimeId: number, reactorId: ReactorID): string {
  return `give a command to ${showUid({ runtimeId, reactorId })}`;
}

/** Where and by what a connect or listen is to be done. */
export function openRecord(
  address: AddressLike,
  factory: string,
  param: unknown,
  options: object,
): Omit<OpenRecord, "id"> {
  return { address, factory, param, options };
}
