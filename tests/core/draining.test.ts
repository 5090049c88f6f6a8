import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DefaultTcpListenerHandler,
  type DispatchContext,
  DrainTimeoutError,
  MessageResult,
  type Reactor,
  simulate,
  type SimulateOptions,
  type Simulation,
} from "../../mod.ts";
import { quietly, sink } from "../conformance/support.ts";

/** How much longer a stop may take than it is given: processes stand still, and timers are late. */
const MARGIN_MS = 5000;

/** The longest time that an answer takes. */
const LONGEST_MS = 300;

/** Answers bytes after a while, finishes what it owes, and notes what it hears. */
class Debtor implements Reactor {
  readonly calls: string[] = [];
  owedCount = 0;
  reason: Error | undefined = undefined;
  readonly #sim: Simulation;
  #isDraining = false;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  onInboundMessage(_buf: Uint8Array, ctx: DispatchContext): MessageResult {
    this.calls.push("onInboundMessage");
    this.owedCount++;
    void this.#answer(ctx);
    return MessageResult.dropMsgSize(1);
  }

  onDrain(ctx: DispatchContext): void {
    this.calls.push("onDrain");
    this.#isDraining = true;
    this.#closeIfDone(ctx);
  }

  onClose(reason: Error | undefined): void {
    this.calls.push("onClose");
    this.reason = reason;
  }

  async #answer(ctx: DispatchContext): Promise<void> {
    await this.#sim.sleep(this.#sim.random.integer(0, LONGEST_MS));
    if (this.calls.at(-1) === "onClose") return;
    ctx.sendOrQueue(Uint8Array.of(1));
    this.owedCount--;
    this.#closeIfDone(ctx);
  }

  #closeIfDone(ctx: DispatchContext): void {
    if (this.#isDraining && this.owedCount === 0) ctx.close();
  }
}

/** A server is stopped in the midst of its work; `check` looks at what its reactors have gone through. */
async function stopMidway(
  sim: Simulation,
  drainMs: number,
  check: (debtor: Debtor) => void,
): Promise<void> {
  const server = sim.runtime("server");
  const debtors: Debtor[] = [];
  await server.listen(
    "server:80",
    new DefaultTcpListenerHandler((count) => {
      if (count % 4 === 0) return sink();
      const debtor = new Debtor(sim);
      debtors.push(debtor);
      return debtor;
    }),
  );
  const client = sim.runtime("client");
  for (let i = 0; i < 8; i++) {
    const ask = async (ctx: DispatchContext) => {
      for (let n = 0; n < 5; n++) {
        await sim.sleep(sim.random.integer(0, 50));
        ctx.sendOrQueue(Uint8Array.of(n));
      }
    };
    client.connect("server:80", sink({ onConnected: (ctx) => void ask(ctx) }))
      .catch(() => {}); // the network does what it likes
  }
  await sim.sleep(sim.random.integer(1, 200));
  const graceMs = sim.random.integer(0, 500);
  const begin = sim.now();
  await server.stop({ drainMs, graceMs });
  const ms = sim.now() - begin;
  assert.ok(ms <= drainMs + graceMs + MARGIN_MS, `it took ${ms} ms`);
  assert.equal(server.reactorCount, 0);
  for (const debtor of debtors) {
    const { calls } = debtor;
    const timesOf = (name: string) => calls.filter((it) => it === name).length;
    assert.equal(timesOf("onClose"), 1);
    assert.equal(calls.at(-1), "onClose");
    assert.ok(timesOf("onDrain") <= 1);
    check(debtor);
  }
}

describe("a server that is stopped in the midst of its work", () => {
  const run = (
    options: SimulateOptions,
    drainMs: (sim: Simulation) => number,
    check: (debtor: Debtor) => void = () => {},
  ) =>
    quietly(async () => {
      await simulate(options, (sim) => stopMidway(sim, drainMs(sim), check));
    });

  it("ends in time, whatever the network does, and its reactors hear of that once", () =>
    run({ seeds: 60, faults: "random" }, (sim) => sim.random.integer(0, 500)));

  it("owes nothing if it has the time", () =>
    run({ seeds: 40, faults: "gentle" }, () => 60_000, (debtor) => {
      assert.equal(debtor.owedCount, 0);
      assert.ok(!(debtor.reason instanceof DrainTimeoutError));
    }));

  it("says so where it owes something, if it has not", async () => {
    let owingCount = 0;
    await run({ seeds: 40, faults: "gentle" }, () => 20, (debtor) => {
      if (debtor.owedCount === 0) return;
      owingCount++;
      assert.ok(debtor.reason instanceof DrainTimeoutError);
    });
    assert.ok(owingCount > 0);
  });
});
