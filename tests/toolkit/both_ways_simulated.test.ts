import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byProperty,
  ConnectionClosedError,
  DefaultTcpListenerHandler,
  ReactioError,
  RequestClient,
  RequestLostError,
  serve,
  simulate,
  type Simulation,
} from "../../mod.ts";
import { type Call, call, calls } from "../support/calls.ts";

const ANSWER = 1;
const REQUESTS = 40;

/**
 * One end of a connection, which answers numbers by larger ones. It asks its peer
 * back before it answers an odd one, and takes its time.
 */
class End {
  readonly client: RequestClient<Call, Call>;
  readonly timesDone = new Map<number, number>();

  constructor(sim: Simulation, name: string) {
    this.client = new RequestClient(sim.runtime(name), calls, {
      timeoutMs: 1000,
      window: 4,
      secondConnection: "replace",
      correlate: byProperty("id", { maxId: 254 }),
      isUnsolicited: ({ op }) => op !== ANSWER,
      server: serve(calls, async (request) => {
        const { value } = request;
        this.timesDone.set(value, (this.timesDone.get(value) ?? 0) + 1);
        await sim.sleep(sim.random.integer(0, 30));
        if (value % 2 === 1) await this.client.request(call(value + 501));
        return { ...request, op: ANSWER, value: value + 10_000 };
      }, {
        order: "any",
        concurrency: 4,
        onError: (_error, request) => ({ ...request, op: ANSWER, value: 0 }),
      }),
    });
  }
}

/**
 * Both ends ask each other over a connection that is lost now and then. Each
 * request has one outcome: its own answer, the answer for a failure, or an error.
 */
async function ask(
  sim: Simulation,
  ends: readonly [End, End],
  index: number,
  outcomes: Set<string>,
): Promise<void> {
  const { client } = ends[index];
  const asked = Array.from({ length: REQUESTS }, async (_, i) => {
    await sim.sleep(sim.random.integer(0, 300));
    const number = 1000 * index + i;
    const idempotent = sim.random.chance(0.3);
    try {
      const { value } = await client.request(call(number), { idempotent });
      assert.ok(value === 0 || value === number + 10_000, `${value}`);
      outcomes.add(value === 0 ? "failed" : "answered");
    } catch (error) {
      assert.ok(error instanceof ReactioError, `${error}`);
      outcomes.add(error.name);
      if (error instanceof RequestLostError) assert.equal(idempotent, false);
    }
    const timesDone = ends[1 - index].timesDone.get(number) ?? 0;
    if (!idempotent) assert.ok(timesDone <= 1);
  });
  await Promise.all(asked);
}

test("two ends that ask each other over connections that come and go: each request has one outcome, and both ends finish", async () => {
  const outcomes = new Set<string>();
  await simulate({ seeds: 40, faults: "gentle" }, async (sim) => {
    const ends = [new End(sim, "server"), new End(sim, "client")] as const;
    const accepting = sim.runtime("server");
    await accepting.listen(
      "server:80",
      new DefaultTcpListenerHandler(() => ends[0].client.reactor()),
    );
    let isDone = false;
    void sim.spawn(async () => {
      while (!isDone) {
        try {
          const reactor = ends[1].client.reactor();
          const connection = await sim.runtime("client").connect(
            "server:80",
            reactor,
            { connectTimeoutMs: 200 },
          );
          await connection.whenClosed;
        } catch (error) {
          assert.ok(error instanceof ReactioError, `${error}`);
        }
        await sim.sleep(5);
      }
    });
    await Promise.all([0, 1].map((i) => ask(sim, ends, i, outcomes)));
    isDone = true;
    sim.network.endFaults();
    await Promise.all(ends.map(({ client }) => client.close({ drainMs: 500 })));
    await sim.until(() =>
      ends.every(({ client }) =>
        client.inFlightCount + client.queuedCount === 0
      )
    );
  });
  for (const name of ["answered", RequestLostError.name]) {
    assert.ok(outcomes.has(name), `${name} happens`);
  }
});

test("a server that is stopped while both ends ask loses no answer that it owes, and waits for those that it is owed", async () => {
  await simulate({ seeds: 50 }, async (sim) => {
    const ends = [new End(sim, "server"), new End(sim, "client")] as const;
    const accepting = sim.runtime("server");
    await accepting.listen(
      "server:80",
      new DefaultTcpListenerHandler(() => ends[0].client.reactor()),
    );
    await sim.runtime("client").connect("server:80", ends[1].client.reactor());
    await sim.until(() => ends[0].client.isConnected);
    const asked = ends.flatMap(({ client }, place) =>
      [0, 2, 4].map((value) => client.request(call(1000 * place + value)))
    );
    await sim.until(() => ends.every(({ timesDone }) => timesDone.size === 3));
    const start = sim.now();
    const stopped = accepting.stop({ drainMs: 60_000 });
    await sim.sleep(0);
    const late = ends[1].client.request(call(6)).then(
      ({ value }) => assert.equal(value, 0, "it is told that this end closes"),
      (error) => assert.ok(error instanceof ConnectionClosedError, `${error}`),
    );
    const values = (await Promise.all(asked)).map(({ value }) => value);
    const of = (place: number) =>
      [0, 2, 4].map((value) => 10_000 + 1000 * place + value);
    assert.deepEqual(values, [...of(0), ...of(1)]);
    await Promise.all([late, stopped]);
    assert.ok(sim.now() - start < 5000, "not by drainMs");
    assert.equal(ends[0].timesDone.has(6), false);
    await ends[1].client.close();
  });
});
