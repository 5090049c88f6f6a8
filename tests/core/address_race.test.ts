import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandCancelledError,
  type CommandResult,
  ConnectError,
  ConnectionRefusedError,
  type ConnectOptions,
  ConnectTimeoutError,
  HostUnreachableError,
  InvalidAddressError,
  InvalidOptionError,
  NameNotFoundError,
  PermissionDeniedError,
  ReactRuntime,
  ResourcesExhaustedError,
  RuntimeStoppedError,
  type SimHost,
  SimNetwork,
} from "../../mod.ts";
import { raceOrder } from "../../src/core/address_race.ts";
import { sink } from "../conformance/support.ts";
import { asTcp } from "../support/tcp.ts";

/** One way between two hosts. */
const LATENCY_MS = 10;
const ROUND_TRIP_MS = 2 * LATENCY_MS;
/** Between one address and the next. */
const ATTEMPT_DELAY_MS = 250;
/** What steps take that wait for no packet, at most. */
const TURNS_MS = 1;
/** Nobody is there, and nobody knows a way. */
const NOWHERE = "192.0.2.1";

/** The addresses of a host, both families. */
const bothOf = ({ address, ipv6Address }: SimHost) => [ipv6Address, address];

class Net {
  readonly network = new SimNetwork({ latencyMs: LATENCY_MS, jitterMs: 0 });
  readonly client: SimHost = this.network.host("client");
  readonly runtime: ReactRuntime = new ReactRuntime({
    adapter: this.client.adapter,
  });
  readonly #servers: ReactRuntime[] = [];

  /** A host that listens at port 80. */
  async serving(name: string): Promise<SimHost> {
    const host = this.network.host(name);
    const runtime = new ReactRuntime({ adapter: host.adapter });
    this.#servers.push(runtime);
    await runtime.listen("0.0.0.0:80", {
      onNewConnection: () => ({ reactor: sink() }),
    });
    return host;
  }

  /** A host that answers nobody. */
  deaf(name: string): SimHost {
    const host = this.network.host(name);
    this.network.partition(this.client, host);
    return host;
  }

  /** A host where nobody listens. */
  idle(name: string): SimHost {
    return this.network.host(name);
  }

  /** Connects to the name "db", which stands for `addresses`. */
  async connect(
    addresses: readonly string[],
    options: ConnectOptions = {},
  ): Promise<{ readonly at: string; readonly ms: number }> {
    this.network.addName("db", addresses);
    const start = this.network.now();
    const { remoteAddress } = await this.runtime.connect(
      "db:80",
      sink(),
      options,
    );
    const { hostname } = asTcp(remoteAddress);
    return { at: hostname, ms: this.network.now() - start };
  }

  /** How a connect to the name fails, and after how long. */
  async failure(
    addresses: readonly string[],
    options: ConnectOptions = {},
  ): Promise<{ readonly error: Error; readonly ms: number }> {
    const start = this.network.now();
    const error = await this.connect(addresses, options).then(
      ({ at }) => assert.fail(`connected to ${at}`),
      (error) => error,
    );
    return { error, ms: this.network.now() - start };
  }

  /** Where the client has begun to connect to, in order. */
  get tried(): string[] {
    return this.network.trace.flatMap((line) =>
      / client \d+c connect (\S+):80$/.exec(line)?.[1] ?? []
    );
  }

  /** Checks that nothing is left open at the client but `sockets`, and stops everything. */
  async end(sockets: number): Promise<void> {
    const { counts } = this.client;
    assert.equal(counts.connects, 0);
    assert.equal(counts.sockets, sockets);
    await this.network.sleep(3 * ROUND_TRIP_MS);
    const served = this.#servers.map(({ connectionCount }) => connectionCount);
    assert.equal(served.reduce((a, b) => a + b, 0), sockets);
    await this.stop();
  }

  /** Stops everything, and checks that nothing is left. */
  async stop(): Promise<void> {
    await this.runtime.stop();
    for (const server of this.#servers) await server.stop();
    assert.deepEqual(this.client.counts, {
      sockets: 0,
      listeners: 0,
      connects: 0,
      timers: 0,
    });
    assert.deepEqual(this.network.violations, []);
  }
}

function assertTime(actual: number, ms: number): void {
  assert.ok(actual >= ms && actual < ms + TURNS_MS, `${actual} ms, not ${ms}`);
}

describe("the addresses of a name are tried", () => {
  it("the families in turn, that of the first before the other, otherwise in their order, each once", () => {
    const cases: [found: string, order: string][] = [
      ["", ""],
      ["1.1.1.1", "1.1.1.1"],
      ["::1 ::2 1.1.1.1 1.1.1.2", "::1 1.1.1.1 ::2 1.1.1.2"],
      ["1.1.1.1 ::1 ::2", "1.1.1.1 ::1 ::2"],
      ["::1 ::2 ::3 1.1.1.1", "::1 1.1.1.1 ::2 ::3"],
      ["1.1.1.1 1.1.1.2", "1.1.1.1 1.1.1.2"],
      ["::1 ::1 1.1.1.1 ::1 1.1.1.1", "::1 1.1.1.1"],
      ["db", "db"],
    ];
    const words = (text: string) => text.split(" ").filter(Boolean);
    for (const [found, order] of cases) {
      assert.deepEqual(raceOrder(words(found)), words(order));
    }
  });

  it("16 of them at most, of both families if there are both", () => {
    const all = Array.from({ length: 100 }, (_, i) => `10.9.0.${i}`);
    assert.deepEqual(raceOrder(all), all.slice(0, 16));
    const order = raceOrder([...all, "::1"]);
    assert.equal(order.length, 16);
    assert.equal(order[1], "::1");
  });
});

describe("a connect to a name", () => {
  it("takes the first address if that answers, and tries no other", async () => {
    const net = new Net();
    const first = await net.serving("a");
    const second = await net.serving("b");
    const { at, ms } = await net.connect([first.address, second.address]);
    assert.equal(at, first.address);
    assertTime(ms, ROUND_TRIP_MS);
    await net.network.sleep(1000);
    assert.deepEqual(net.tried, [first.address]);
    await net.end(1);
  });

  it("tries the next address after 250 ms without an answer, and gives up the other when that connects", async () => {
    const net = new Net();
    const [a, b, c] = [net.deaf("a"), net.deaf("b"), await net.serving("c")];
    const { at, ms } = await net.connect([a.address, b.address, c.address]);
    assert.equal(at, c.address);
    assertTime(ms, 2 * ATTEMPT_DELAY_MS + ROUND_TRIP_MS);
    await net.end(1);
  });

  it("tries IPv4 after 250 ms where IPv6 leads nowhere, and the other way round", async () => {
    for (const isIpv6Deaf of [true, false]) {
      const net = new Net();
      const deaf = net.deaf("deaf");
      const good = await net.serving("good");
      const [six, four] = isIpv6Deaf ? [deaf, good] : [good, deaf];
      const addresses = [six.ipv6Address, NOWHERE, four.address];
      if (!isIpv6Deaf) addresses.reverse();
      const { at, ms } = await net.connect(addresses);
      assert.equal(at, isIpv6Deaf ? good.address : good.ipv6Address);
      assertTime(ms, ATTEMPT_DELAY_MS + ROUND_TRIP_MS);
      await net.end(1);
    }
  });

  it("tries the next address at once when the one before fails", async () => {
    const net = new Net();
    const a = net.idle("a");
    const b = await net.serving("b");
    const { at, ms } = await net.connect([NOWHERE, a.address, b.address]);
    assert.equal(at, b.address);
    assertTime(ms, 2 * ROUND_TRIP_MS);
    assert.deepEqual(net.tried, [NOWHERE, a.address, b.address]);
    await net.end(1);
  });

  it("does not hasten when an address fails that others were tried after", async () => {
    const net = new Net();
    const slow = net.idle("slow");
    net.network.setLink("client", slow, { latencyMs: 150, jitterMs: 0 });
    const deaf = net.deaf("deaf");
    const good = await net.serving("good");
    const { ms } = await net.connect(
      [slow.address, deaf.address, good.address],
    );
    assertTime(ms, 2 * ATTEMPT_DELAY_MS + ROUND_TRIP_MS);
    await net.end(1);
  });

  it("lets the attempts before go on: the first that connects wins, and the others are closed", async () => {
    for (const [slowMs, winner] of [[140, 0], [200, 1]]) {
      const net = new Net();
      const hosts = [await net.serving("slow"), await net.serving("late")];
      const [slow, late] = hosts;
      const link = { jitterMs: 0, latencyMs: slowMs };
      net.network.setLink("client", slow, link);
      net.network.setLink("client", late, { ...link, latencyMs: 40 });
      const { at, ms } = await net.connect([slow.address, late.address]);
      assert.equal(at, hosts[winner].address);
      const expected = winner === 0 ? 2 * slowMs : ATTEMPT_DELAY_MS + 2 * 40;
      assertTime(ms, expected);
      await net.network.sleep(1000);
      await net.end(1);
    }
  });

  it("fails with the class that its addresses agree on, and lists them", async () => {
    const net = new Net();
    const hosts = [net.idle("a"), net.idle("b")];
    const [a, b] = hosts.map(({ address }) => address);
    const { error, ms } = await net.failure([a, b]);
    assertTime(ms, 2 * ROUND_TRIP_MS);
    assert.ok(error instanceof ConnectionRefusedError);
    assert.equal(
      error.message,
      `Cannot connect to db:80 at ${a}: nobody listens there; at ${b}: nobody listens there`,
    );
    const { cause } = error;
    assert.ok(cause instanceof AggregateError);
    assert.deepEqual(
      cause.errors.map((one) => [one.constructor, one.message]),
      [
        [
          ConnectionRefusedError,
          `Cannot connect to ${a}:80: nobody listens there`,
        ],
        [
          ConnectionRefusedError,
          `Cannot connect to ${b}:80: nobody listens there`,
        ],
      ],
    );
    assert.match(String(cause.errors[0].cause), /refused \(simulated\)/);
    await net.end(0);
  });

  it("fails with ConnectError if its addresses fail in different ways", async () => {
    const net = new Net();
    const a = net.idle("a");
    const { error } = await net.failure([a.ipv6Address, NOWHERE]);
    assert.equal(error.constructor, ConnectError);
    assert.equal(
      error.message,
      `Cannot connect to db:80 at ${a.ipv6Address}: nobody listens there; at ${NOWHERE}: there is no route to it`,
    );
    const { errors } = error.cause as AggregateError;
    assert.ok(errors[0] instanceof ConnectionRefusedError);
    assert.ok(errors[1] instanceof HostUnreachableError);
    assert.ok(errors[0].message.includes(`[${a.ipv6Address}]:80`));
    await net.end(0);
  });

  it("that has one address fails with the system's error as the cause", async () => {
    const net = new Net();
    const { error } = await net.failure([NOWHERE]);
    assert.ok(error instanceof HostUnreachableError);
    assert.equal(
      error.message,
      `Cannot connect to db:80 at ${NOWHERE}: there is no route to it`,
    );
    assert.match(String(error.cause), /no route to host \(simulated\)/);
    await net.end(0);
  });

  it("fails when the last of those under way has failed", async () => {
    const net = new Net();
    const slow = net.idle("slow");
    const link = { latencyMs: 1000, jitterMs: 0 };
    net.network.setLink("client", slow, link);
    const { error, ms } = await net.failure([slow.address, NOWHERE]);
    assert.equal(error.constructor, ConnectError);
    assertTime(ms, 2000);
    assert.ok(
      error.message.indexOf(NOWHERE) < error.message.indexOf(slow.address),
      "in the order in which they failed",
    );
    await net.end(0);
  });

  it("may take connectTimeoutMs in all, and says how far it came", async () => {
    const net = new Net();
    const [a, b] = [net.idle("a").address, net.deaf("b").address];
    const { error, ms } = await net.failure([a, b], { connectTimeoutMs: 600 });
    assert.ok(error instanceof ConnectTimeoutError);
    assertTime(ms, 600);
    assert.equal(
      error.message,
      `Cannot connect to db:80: not connected within 600 ms (connectTimeoutMs) at ${a}: nobody listens there; at ${b}: no answer`,
    );
    await net.end(0);
  });

  it("counts the look-up of the name, and says if that took too long", async () => {
    const net = new Net();
    const { address } = await net.serving("a");
    net.network.addName("late", [address], { delayMs: 500.5 });
    const connect = (connectTimeoutMs: number) =>
      net.runtime.connect("late:80", sink(), { connectTimeoutMs });
    await assert.rejects(
      connect(500),
      (error) =>
        error instanceof ConnectTimeoutError &&
        error.message ===
          "Cannot connect to late:80: not connected within 500 ms (connectTimeoutMs): its name was not found by then",
    );
    const start = net.network.now();
    await connect(600);
    assertTime(net.network.now() - start, 500.5 + ROUND_TRIP_MS);
    await net.end(1);
  });

  it("fails as the look-up does", async () => {
    const net = new Net();
    const { error } = await net.failure([]);
    assert.ok(error instanceof NameNotFoundError);
    assert.ok(error.message.includes(`"db"`), error.message);
    for (
      const [kind, errorClass] of [
        ["name-not-found", NameNotFoundError],
        ["denied", PermissionDeniedError],
        ["exhausted", ResourcesExhaustedError],
      ] as const
    ) {
      net.client.failLookups(kind);
      const { error } = await net.failure([NOWHERE]);
      assert.ok(error instanceof errorClass, String(error));
    }
    assert.deepEqual(net.tried, []);
    await net.end(0);
  });

  it("can be cancelled while the name is looked up, or while its addresses race: nothing is left open", async () => {
    for (const ms of [0, 50, 100, 105, 110, 115, 119, 300, 345, 355, 369]) {
      const net = new Net();
      const slow = await net.serving("slow");
      net.network.setLink("client", slow, { latencyMs: 500, jitterMs: 0 });
      const good = await net.serving("good");
      net.network.addName("db", [slow.address, good.address], {
        delayMs: 100,
      });
      const results: CommandResult[] = [];
      const id = net.runtime.cmdSender.sendConnect("db:80", sink(), {
        completion: (result) => results.push(result),
      });
      await net.network.sleep(ms);
      assert.equal(net.runtime.cmdSender.cancel(id), true);
      assert.equal(net.client.counts.connects, 0, `after ${ms} ms`);
      await net.network.until(() => results.length > 0);
      const [result] = results;
      assert.ok(!result.ok && result.error instanceof CommandCancelledError);
      await net.network.sleep(2000);
      assert.equal(results.length, 1);
      await net.end(0);
    }
  });

  it("ends with RuntimeStoppedError when the runtime is stopped, and holds up nothing", async () => {
    for (const ms of [50, 200, 400]) {
      const net = new Net();
      const deaf = [net.deaf("a").address, net.deaf("b").address];
      net.network.addName("db", deaf, { delayMs: 100 });
      const failing = assert.rejects(
        net.runtime.connect("db:80", sink()),
        RuntimeStoppedError,
      );
      await net.network.sleep(ms);
      const start = net.network.now();
      await net.stop();
      assertTime(net.network.now() - start, 0);
      await failing;
    }
  });

  it("goes on while a program drives the runtime by processEvents", async () => {
    const net = new Net();
    const deaf = net.deaf("a");
    const good = await net.serving("b");
    let isOpen = false;
    net.network.addName("db", [deaf.address, good.address]);
    void net.runtime.connect("db:80", sink()).then(() => isOpen = true);
    while (!isOpen) await net.runtime.processEvents({ timeoutMs: 1000 });
    assertTime(net.network.now(), ATTEMPT_DELAY_MS + ROUND_TRIP_MS);
    await net.end(1);
  });

  it("looks the name up anew each time", async () => {
    const net = new Net();
    const hosts = [await net.serving("a"), await net.serving("b")];
    for (const host of hosts) {
      const { at } = await net.connect(bothOf(host));
      assert.equal(at, host.ipv6Address);
    }
    await net.end(2);
  });
});

describe("a name of a simulated network", () => {
  it("is found by every host, to connect and to listen", async () => {
    const network = new SimNetwork();
    const host = network.host("a");
    network.addName("A.Example", bothOf(host));
    network.addName("A.Example", [host.ipv6Address]);
    const runtime = new ReactRuntime({ adapter: host.adapter });
    const listener = await runtime.listen("A.Example:80", {
      onNewConnection: () => ({ reactor: sink() }),
    });
    assert.equal(asTcp(listener.address).hostname, host.ipv6Address);
    for (const adapter of [host.adapter, network.host("b").adapter]) {
      const other = new ReactRuntime({ adapter });
      await other.connect("A.Example:80", sink());
      await other.stop();
    }
    await runtime.stop();
  });

  it("is none of a host's, and stands for literal addresses only", () => {
    const network = new SimNetwork();
    network.host("a");
    for (const name of ["a", "localhost", "10.0.0.1", "::1"]) {
      assert.throws(() => network.addName(name, []), InvalidOptionError);
    }
    assert.throws(() => network.addName("db", ["a"]), InvalidOptionError);
    assert.throws(
      () => network.addName("db", [], { delayMs: -1 }),
      InvalidOptionError,
    );
    assert.throws(() => network.addName("no name", []), InvalidAddressError);
    assert.throws(() => network.addName("db", ["1:2"]), InvalidAddressError);
  });

  it("has hosts choose at random, each for itself, the same in every run", () => {
    const draw = (seed: number) => {
      const network = new SimNetwork({ seed });
      return ["a", "b"].map((name) => {
        const { adapter } = network.host(name);
        return Array.from({ length: 100 }, () => adapter.random());
      });
    };
    const [a, b] = draw(1);
    assert.deepEqual(draw(1), [a, b]);
    assert.notDeepEqual(a, b);
    assert.notDeepEqual(draw(2), [a, b]);
    for (const numbers of [a, b]) {
      assert.ok(numbers.every((number) => number >= 0 && number < 1));
      const mean = numbers.reduce((sum, number) => sum + number) / 100;
      assert.ok(mean > 0.35 && mean < 0.65, String(mean));
    }
  });
});
