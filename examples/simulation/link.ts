import {
  type CommandResult,
  Deferred,
  type DispatchContext,
  type Reactor,
  type ReactRuntime,
  RuntimeStoppedError,
} from "../../mod.ts";
import { type Deposit, encode, type Receipt, receive } from "./messages.ts";

const LIMITS = { connectTimeoutMs: 500, idleTimeoutMs: 500 };

/** What is asked, and not answered yet. */
interface Question {
  readonly deposit: Deposit;
  readonly resolve: (balance: number) => void;
}

/** Asks until it is answered: if a connection is lost, again, on one to the next server. */
export class Link implements Reactor {
  readonly #open = new Map<string, Question>();
  #ctx: DispatchContext | undefined = undefined;
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

  onConnected(ctx: DispatchContext): void {
    this.#ctx = ctx;
    for (const { deposit } of this.#open.values()) this.#send(deposit);
  }

  readonly onInboundMessage = receive<Receipt>(({ id, balance }) => {
    this.#open.get(id)?.resolve(balance);
    this.#open.delete(id);
  });

  onClose(): void {
    this.#ctx = undefined;
    this.#connect();
  }

  #send(deposit: Deposit): void {
    this.#ctx?.sendOrQueue(encode(deposit));
  }

  #connect(): void {
    const server = this.servers[this.#countConnects++ % this.servers.length];
    const completion = (result: CommandResult) => {
      if (result.ok || result.error instanceof RuntimeStoppedError) return;
      this.#connect();
    };
    const options = { ...LIMITS, deferred: Deferred.after(200), completion };
    this.runtime.cmdSender.sendConnect(server, this, options);
  }
}
