import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConnectionOptions,
  DefaultTcpListenerHandler,
  type FaultRates,
  MessageResult,
  type Reactor,
  simulate,
  type SimulateOptions,
  type Simulation,
} from "../../mod.ts";
import { oursOf } from "../support/sharing.ts";

/** Those that TCP hides. */
const GENTLE: FaultRates = {
  shortReads: 0.5,
  shortWrites: 0.5,
  refusedWrites: 0.3,
  spuriousWritable: 0.5,
  lostPackets: 0.05,
  partitions: 0.02,
  lateTimers: 0.5,
  pauses: 0.05,
  clockJumps: 0.1,
};
/** Those that end connections. */
const HARSH: FaultRates = {
  resets: 0.02,
  lostOnReset: 1,
  withheldResets: 1,
  failedConnects: 0.5,
  failedAccepts: 0.5,
};
const BUFFERS = { sendBufferBytes: 300, receiveBufferBytes: 500 };

describe("two runtimes on a simulated network", () => {
  for (const [name, rate] of Object.entries(GENTLE)) {
    it(`echo every byte in spite of ${name}`, async () => {
      const options = { seeds: 15, faults: { [name]: rate }, ...BUFFERS };
      const report = await simulate(options, async (sim) => {
        await serve(sim);
        const client = new Client(sim);
        await client.connect();
        await sim.until(() => client.isClosed, { timeoutMs: 600_000 });
        assert.equal(client.reason, undefined);
        assert.equal(client.received, client.sent.length);
      });
      assert.ok(report.faults > 0);
    });
  }

  for (const [name, rate] of Object.entries(HARSH)) {
    it(`echo every byte, or tell why not, with ${name}`, async () => {
      const faults = { resets: 0.01, [name]: rate };
      const options = { seeds: 15, faults, ...BUFFERS };
      const report = await simulate(options, tolerant);
      assert.ok(report.faults > 0);
    });
  }

  for (const faults of ["gentle", "random"] as const) {
    for (const writes of ["counts", "borrows", "mixed"] as const) {
      it(`keep their promises under the profile ${faults}, with ${writes}`, async () => {
        await simulate({ seeds: oursOf(60), faults, writes }, tolerant);
      });
    }
  }

  it("recover from crashes once the faults have ended", async () => {
    const seeds = oursOf(40);
    const options: SimulateOptions = { seeds, faults: "random" };
    const report = await simulate(options, async (sim) => {
      let isDone = false;
      const chaos = async () => {
        for (let i = sim.random.integer(1, 5); i > 0; i--) {
          await sim.sleep(sim.random.integer(1, 3000));
          sim.host("server").crash();
          await sim.sleep(sim.random.integer(0, 3000));
          sim.host("server").restart();
          await serve(sim);
        }
        sim.network.endFaults();
        isDone = true;
      };
      await serve(sim);
      const failed = chaos();
      let client: Client;
      let isCalm: boolean;
      do {
        isCalm = isDone;
        client = new Client(sim, { idleTimeoutMs: 5000 });
        await client.connect();
        await sim.until(() => client.isClosed, { timeoutMs: 600_000 });
        await sim.sleep(100);
      } while (!isCalm);
      await failed;
      assert.equal(client.reason, undefined);
      assert.equal(client.received, client.sent.length);
    });
    assert.equal(report.seeds, seeds.length);
  });
});

async function tolerant(sim: Simulation): Promise<void> {
  await serve(sim);
  const clients = Array.from(
    { length: 3 },
    () => new Client(sim, { idleTimeoutMs: 300_000 }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  await sim.until(() => clients.every(({ isClosed }) => isClosed), {
    timeoutMs: 1_200_000,
  });
  for (const { reason, received, sent } of clients) {
    if (reason === undefined) assert.equal(received, sent.length);
  }
}

/** Serves echo on the host `server`; tries again when the system refuses. */
function serve(sim: Simulation): Promise<unknown> {
  return sim.runtime("server").listen(
    "0.0.0.0:80",
    new DefaultTcpListenerHandler(() => ({
      onInboundMessage(buf, ctx) {
        ctx.sendOrQueue(buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    }), { idleTimeoutMs: 300_000 }),
  );
}

/** Sends some bytes, checks that they come back, and closes. */
class Client {
  readonly sent: Uint8Array;
  received = 0;
  isClosed = false;
  reason: unknown = undefined;
  /** A handler that throws costs its connection only: the simulation has to be told. */
  #isWrong = false;
  readonly #sim: Simulation;
  readonly #options: ConnectionOptions;

  constructor(sim: Simulation, options: ConnectionOptions = {}) {
    this.#sim = sim;
    this.#options = options;
    this.sent = sim.random.bytes(sim.random.integer(1, 4000));
    sim.invariant(
      "every byte is right, and the end is told once",
      () => !this.#isWrong,
    );
  }

  async connect(): Promise<void> {
    const reactor: Reactor = {
      onConnected: (ctx) => void ctx.sendOrQueue(this.sent),
      onInboundMessage: (buf, ctx) => {
        for (const byte of buf) {
          if (byte !== this.sent[this.received++]) this.#isWrong = true;
        }
        if (this.received === this.sent.length) ctx.close();
        return MessageResult.dropMsgSize(buf.length);
      },
      onClose: (reason) => this.#close(reason),
    };
    try {
      const runtime = this.#sim.runtime("client");
      await runtime.connect("server:80", reactor, this.#options);
    } catch (error) {
      this.#close(error);
    }
  }

  #close(reason: unknown): void {
    if (this.isClosed) this.#isWrong = true;
    this.isClosed = true;
    this.reason = reason;
  }
}
