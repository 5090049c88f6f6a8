import type { Scenario, SimulateOptions, Simulation } from "../../mod.ts";
import { Bank } from "./bank.ts";
import { BankClient } from "./bank_client.ts";

/** What the network is like. */
export const NETWORK: SimulateOptions = {
  latencyMs: 10,
  faults: { lostPackets: 0.02, partitions: 0.05, resets: 0.05 },
};

/**
 * Customers save money at a bank that crashes at some time, and is followed by
 * its backup. Every deposit that is confirmed must count, and count once.
 */
export function scenario(hasBug: boolean): Scenario {
  return async (sim) => {
    const [main, spare] = [sim.runtime("main"), sim.runtime("spare")];
    const backup = new Bank();
    const bank = new Bank(new BankClient(main, ["spare:81"]), hasBug);
    const customers = [new Customer("ann"), new Customer("ben")];
    let serving = bank;
    sim.invariant("no money is lost or made", () => {
      for (const { name, confirmed, given } of customers) {
        const balance = serving.balanceOf(name);
        if (confirmed <= balance && balance <= given) continue;
        throw new Error(`${name} has ${balance} and should have ${confirmed}`);
      }
    });

    const failOver = async () => {
      await sim.sleep(sim.random.integer(0, 3000));
      sim.host("main").crash();
      await sim.sleep(300); // until somebody knows
      await backup.listen(spare, 80);
      serving = backup;
    };
    await backup.listen(spare, 81);
    await bank.listen(main, 80);
    await Promise.all([failOver(), ...customers.map((one) => one.save(sim))]);
  };
}

/** Makes some deposits, one after the other, and keeps books. */
class Customer {
  /** The sum that the bank has confirmed. */
  confirmed = 0;
  /** The sum that was sent to the bank: at times a deposit more. */
  given = 0;

  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async save(sim: Simulation): Promise<void> {
    const { name } = this;
    const client = new BankClient(sim.runtime(name), ["main:80", "spare:80"]);
    for (let i = 1; i <= 5; i++) {
      await sim.sleep(sim.random.integer(0, 1000));
      const amount = sim.random.integer(1, 100);
      sim.log(`${name} deposits ${amount}`);
      this.given += amount;
      const balance = await client.ask({ id: name + i, account: name, amount });
      this.confirmed += amount;
      sim.log(`${name} has ${balance}`);
      if (balance !== this.confirmed) {
        throw new Error(`${name} should have ${this.confirmed}`);
      }
    }
  }
}
