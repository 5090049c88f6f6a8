import {
  DefaultTcpListenerHandler,
  framed,
  type ListenerHandle,
  type ReactRuntime,
} from "../../mod.ts";
import type { BankClient } from "./bank_client.ts";
import { BANK, type Deposit } from "./messages.ts";

/** Keeps accounts, and has a backup keep them as well, if there is one. */
export class Bank {
  readonly #backup: BankClient | undefined;
  readonly #hasBug: boolean;
  readonly #balances = new Map<string, number>();
  readonly #known = new Set<string>();

  /** The bug: a repeated deposit is confirmed at once, though the backup may not have it yet. */
  constructor(backup?: BankClient, hasBug = false) {
    this.#backup = backup;
    this.#hasBug = hasBug;
  }

  /** Serves deposits at a port. */
  listen(runtime: ReactRuntime, port: number): Promise<ListenerHandle> {
    const handler = new DefaultTcpListenerHandler(() =>
      framed(BANK, {
        onMessage: async (deposit, ctx) => {
          const balance = await this.#deposit(deposit);
          ctx.send({ id: deposit.id, balance });
        },
      })
    );
    return runtime.listen(`0.0.0.0:${port}`, handler);
  }

  balanceOf(account: string): number {
    return this.#balances.get(account) ?? 0;
  }

  /** Resolves to the balance when the deposit is safe, here and with the backup. */
  async #deposit(deposit: Deposit): Promise<number> {
    const { id, account, amount } = deposit;
    if (!this.#known.has(id)) {
      this.#known.add(id);
      this.#balances.set(account, this.balanceOf(account) + amount);
    } else if (this.#hasBug) {
      return this.balanceOf(account);
    }
    const balance = this.balanceOf(account);
    await this.#backup?.ask(deposit);
    return balance;
  }
}
