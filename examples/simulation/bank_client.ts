import {
  type CommandResult,
  Deferred,
  framed,
  type MessageContext,
  type MessageHandlers,
  type ReactRuntime,
  RuntimeStoppedError,
} from "../../mod.ts";
import { CUSTOMER, type Deposit, type Receipt } from "./messages.ts";

const LIMITS = { connectTimeoutMs: 500, idleTimeoutMs: 500 };

/** A deposit that is not confirmed yet. */
interface Question {
  readonly deposit: Deposit;
  readonly resolve: (balance: number) => void;
}

/** Asks until it gets an answer. If the connection is lost, it asks again, on a connection to the next server. */
export class BankClient implements MessageHandlers<Receipt, Deposit> {
  readonly #open = new Map<string, Question>();
  #ctx: MessageContext<Deposit> | undefined = undefined;
  #countConnects = 0;

  readonly runtime: ReactRuntime;
  readonly servers: readonly string[];

  constructor(
    runtime: ReactRuntime,
    servers: readonly string[],
  ) {
    this.runtime = runtime;
    this.servers = servers;
    this.#connect();
  }

  /** Resolves to the balance when the deposit is safe. */
  ask(deposit: Deposit): Promise<number> {
    return new Promise((resolve) => {
      this.#open.set(deposit.id, { deposit, resolve });
      this.#send(deposit);
    });
  }

  onConnected(ctx: MessageContext<Deposit>): void {
    this.#ctx = ctx;
    for (const { deposit } of this.#open.values()) this.#send(deposit);
  }

  onMessage({ id, balance }: Receipt): void {
    this.#open.get(id)?.resolve(balance);
    this.#open.delete(id);
  }

  onClose(): void {
    this.#ctx = undefined;
    this.#connect();
  }

  #send(deposit: Deposit): void {
    this.#ctx?.send(deposit);
  }

  #connect(): void {
    const server = this.servers[this.#countConnects++ % this.servers.length];
    const completion = (result: CommandResult) => {
      if (result.ok || result.error instanceof RuntimeStoppedError) return;
      this.#connect();
    };
    const options = { ...LIMITS, deferred: Deferred.after(200), completion };
    const reactor = framed(CUSTOMER, this);
    this.runtime.cmdSender.sendConnect(server, reactor, options);
  }
}
