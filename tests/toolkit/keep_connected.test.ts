import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Address,
  type AddressLike,
  AttemptsExhaustedError,
  type BackoffOptions,
  type ConnectionHandle,
  ConnectionRefusedError,
  ConnectTimeoutError,
  type DispatchContext,
  formatAddress,
  HandlerError,
  InvalidAddressError,
  InvalidCallbackError,
  InvalidOptionError,
  keepConnected,
  type KeepConnectedOptions,
  type KeepConnectedState,
  type KeptConnection,
  NameNotFoundError,
  type Reactor,
  ReactRuntime,
  RuntimeStoppedError,
  type SimHost,
  SimNetwork,
  simulate,
  UnsupportedTransportError,
} from "../../mod.ts";
import { CountingAdapter } from "../conformance/counting_adapter.ts";
import { logging, sink } from "../conformance/support.ts";

const LATENCY_MS = 1;
/** What steps take that wait for no packet and no timer, at most. */
const TURNS_MS = 0.5;

/** Each wait is the longest. */
const PLAIN: BackoffOptions = {
  minMs: 100,
  maxMs: 1000,
  factor: 2,
  jitter: "none",
};

type Listed = [kind: string, attempt?: number, more?: unknown];

/** One server that comes and goes, and a client that stays connected. */
class Stay {
  readonly network: SimNetwork;
  readonly server: SimHost;
  readonly client: SimHost;
  readonly runtime: ReactRuntime;
  readonly states: KeepConnectedState[] = [];
  /** When each of `states` began. */
  readonly times: number[] = [];
  /** The contexts that the server has had. */
  readonly served: DispatchContext[] = [];
  /** The reactors that were made. */
  readonly reactors: Reactor[] = [];
  serving: ReactRuntime | undefined = undefined;

  constructor(seed: number = 1) {
    this.network = new SimNetwork({
      seed,
      latencyMs: LATENCY_MS,
      jitterMs: 0,
    });
    this.server = this.network.host("server");
    this.client = this.network.host("client");
    this.runtime = new ReactRuntime({ adapter: this.client.adapter });
  }

  /** From now on the server accepts; `onConnected` is what it does with each connection. */
  async open(
    onConnected: (ctx: DispatchContext) => void = () => {},
  ): Promise<void> {
    if (!this.server.isUp) this.server.restart();
    this.serving = new ReactRuntime({ adapter: this.server.adapter });
    await this.serving.listen("0.0.0.0:80", {
      onNewConnection: () => ({
        reactor: sink({
          onConnected: (ctx) => {
            this.served.push(ctx);
            onConnected(ctx);
          },
        }),
      }),
    });
  }

  /** The server dies. */
  kill(): void {
    this.server.kill();
    this.serving = undefined;
  }

  keep(
    options: KeepConnectedOptions = {},
    addresses: AddressLike | readonly AddressLike[] =
      `${this.server.address}:80`,
    makeReactor: (address: Address) => Reactor = () => sink(),
  ): KeptConnection {
    return keepConnected(this.runtime, addresses, (address) => {
      const reactor = makeReactor(address);
      this.reactors.push(reactor);
      return reactor;
    }, {
      backoff: PLAIN,
      onState: (state) => {
        this.states.push(state);
        this.times.push(this.network.now());
      },
      ...options,
    });
  }

  /** Resolves when the last state is `kind`, and was told `count` times. */
  async until(kind: KeepConnectedState["kind"], count: number = 1) {
    const isIt = (state: KeepConnectedState) => state.kind === kind;
    await this.network.until(
      () => this.states.filter(isIt).length >= count,
      { what: `${kind} ${count}`, timeoutMs: 3_600_000 },
    );
    return this.states.filter(isIt)[count - 1];
  }

  /** When each attempt began. */
  get attempts(): number[] {
    return this.times.filter((_, i) => this.states[i].kind === "connecting");
  }

  /** The states, in short. */
  get list(): Listed[] {
    return this.states.map((state): Listed => {
      switch (state.kind) {
        case "connecting":
        case "connected":
          return [state.kind, state.attempt];
        case "waiting":
          return [state.kind, state.attempt, state.delayMs];
        case "stopped":
          return [state.kind];
      }
    });
  }

  /** Stops all, and checks that nothing is left. */
  async end(): Promise<void> {
    await this.runtime.stop();
    await this.serving?.stop();
    assert.deepEqual(this.client.counts, {
      sockets: 0,
      listeners: 0,
      connects: 0,
      timers: 0,
    });
    assert.deepEqual(this.network.violations, []);
    const stopped = this.states.filter(({ kind }) => kind === "stopped");
    if (this.states.length === 0) return;
    assert.equal(stopped.length, 1, "told once");
    assert.equal(this.states.at(-1)?.kind, "stopped", "and last");
  }
}

function assertTimes(actual: readonly number[], expected: readonly number[]) {
  const isNear = actual.length === expected.length &&
    actual.every((ms, i) => Math.abs(ms - expected[i]) <= TURNS_MS);
  assert.ok(isNear, `${actual}, not ${expected}`);
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]);
}

describe("keepConnected", () => {
  it("connects in the next turn, and tells its states", async () => {
    const stay = new Stay();
    await stay.open();
    const kept = stay.keep();
    assert.deepEqual(stay.states, [], "not from inside the call");
    assert.equal(kept.connection, undefined);
    const state = await stay.until("connected");
    assert.deepEqual(stay.list, [["connecting", 1], ["connected", 1]]);
    assert.ok(state.kind === "connected");
    assert.equal(state.connection, kept.connection);
    const address = `${stay.server.address}:80`;
    assert.equal(formatAddress(state.address), address);
    assert.equal(formatAddress(kept.connection!.remoteAddress), address);
    await kept.close();
    assert.deepEqual(stay.states.slice(2), [
      { kind: "stopped", error: undefined },
    ]);
    assert.equal(kept.connection, undefined);
    assert.equal(stay.reactors.length, 1);
    await stay.end();
  });

  it("connects again when the connection is lost, by a new reactor, whoever closed it", async () => {
    const stay = new Stay();
    await stay.open();
    const heard: (Error | undefined)[] = [];
    const kept = stay.keep(
      {},
      undefined,
      () => sink({ onClose: (reason) => void heard.push(reason) }),
    );
    const why = new Error("enough");
    const ways: (() => void)[] = [
      () => stay.served.at(-1)?.close(),
      () => stay.served.at(-1)?.abort(),
      () => void kept.connection?.close(why),
      () => void stay.network.resetConnections(),
    ];
    for (const [i, lose] of ways.entries()) {
      await stay.until("connected", i + 1);
      await stay.network.sleep(1001); // the waits begin anew
      lose();
      const state = await stay.until("waiting", i + 1);
      assert.equal(kept.connection, undefined);
      assert.ok(state.kind === "waiting");
      assert.equal(state.error, heard[i], "what the reactor heard");
      assert.deepEqual([state.attempt, state.delayMs], [0, 100]);
    }
    await stay.until("connected", 5);
    assert.equal(heard[0], undefined);
    assert.equal(heard[2], why);
    assert.equal(new Set(stay.reactors).size, 5);
    await stay.end();
  });

  it("waits longer after each attempt that fails, up to maxMs", async () => {
    const stay = new Stay();
    stay.keep();
    await stay.until("connecting", 8);
    const waits = [100, 200, 400, 800, 1000, 1000, 1000];
    const refusal = 2 * LATENCY_MS;
    assertTimes(gaps(stay.attempts), waits.map((ms) => ms + refusal));
    const [, state] = stay.states;
    assert.ok(state.kind === "waiting");
    assert.ok(state.error instanceof ConnectionRefusedError);
    assert.deepEqual(stay.list.slice(0, 4), [
      ["connecting", 1],
      ["waiting", 1, 100],
      ["connecting", 2],
      ["waiting", 2, 200],
    ]);
    await stay.open();
    await stay.until("connected");
    await stay.end();
  });

  it("asks a server that accepts and closes at once no more often than one that refuses", async () => {
    for (const close of ["close", "abort"] as const) {
      const stay = new Stay();
      await stay.open((ctx) => ctx[close]());
      stay.keep();
      await stay.until("connecting", 7);
      const waits = [100, 200, 400, 800, 1000, 1000];
      gaps(stay.attempts).forEach((gap, i) =>
        assert.ok(gap >= waits[i] && gap < waits[i] + 20, `${gap} ms`)
      );
      assert.ok(stay.served.length > 5);
      await stay.end();
    }
  });

  it("begins its waits anew when a connection was up for longer than maxMs, and not before", async () => {
    for (const [upMs, attempt, delayMs] of [[995, 4, 800], [1005, 0, 100]]) {
      const stay = new Stay();
      stay.keep();
      await stay.until("waiting", 3);
      await stay.open();
      await stay.until("connected");
      await stay.network.sleep(upMs - LATENCY_MS);
      stay.served[0].close();
      await stay.until("waiting", 4);
      assert.deepEqual(stay.list.at(-1), ["waiting", attempt, delayMs]);
      await stay.until("connecting", 5);
      assert.deepEqual(stay.list.at(-1), ["connecting", attempt + 1]);
      await stay.end();
    }
  });

  it("waits for a random part of that with jitter, from the first retry on, the same in every run", async () => {
    const run = async (seed: number) => {
      const stay = new Stay(seed);
      stay.keep({ backoff: { ...PLAIN, jitter: "full" } });
      await stay.until("waiting", 200);
      const delays = stay.states.flatMap((state) =>
        state.kind === "waiting" ? [state.delayMs] : []
      );
      await stay.end();
      return delays;
    };
    const delays = await run(1);
    assert.deepEqual(await run(1), delays);
    const [first] = delays;
    assert.ok(first > 0 && first <= 100 && first !== 100, `${first} ms`);
    assert.notEqual((await run(2))[0], first);
    const late = delays.slice(4);
    assert.ok(late.every((ms) => ms > 0 && ms <= 1000));
    const mean = late.reduce((sum, ms) => sum + ms) / late.length;
    assert.ok(mean > 400 && mean < 600, `${mean} ms`);
  });

  it("tries several addresses in turn", async () => {
    const stay = new Stay();
    const other = stay.network.host("other");
    const nobody = "unknown.example";
    stay.keep({ connectTimeoutMs: 50 }, [
      `${other.address}:80`,
      { hostname: nobody, port: 80 },
      `${stay.server.address}:80`,
    ]);
    stay.network.partition("client", "other");
    await stay.until("waiting", 4);
    const errors = stay.states.flatMap((state) =>
      state.kind === "waiting" ? [state.error?.constructor] : []
    );
    assert.deepEqual(errors, [
      ConnectTimeoutError,
      NameNotFoundError,
      ConnectionRefusedError,
      ConnectTimeoutError,
    ]);
    await stay.open();
    const state = await stay.until("connected");
    assert.ok(state.kind === "connected");
    assert.equal(
      formatAddress(state.address),
      `${stay.server.address}:80`,
    );
    await stay.end();
  });

  it("gives its connections the options that it was given, read once", async () => {
    const stay = new Stay();
    await stay.open();
    const options = { idleTimeoutMs: 50, connectTimeoutMs: 1000 };
    stay.keep(options);
    options.idleTimeoutMs = NaN;
    await stay.until("waiting");
    const state = stay.states.at(-1);
    assert.ok(state?.kind === "waiting");
    assert.equal(state.error?.name, "IdleTimeoutError");
    await stay.end();
  });

  it("takes a makeReactor that throws, or makes no reactor, for an attempt that failed, and logs what is thrown", async () => {
    const lines: string[] = [];
    const why = new Error("no reactor today");
    await logging(({ parts }) => lines.push(parts.join(" ")), async () => {
      const stay = new Stay();
      await stay.open();
      const made: (() => Reactor)[] = [
        () => {
          throw why;
        },
        () => {
          throw "text";
        },
        () => ({}) as Reactor,
        () => undefined as unknown as Reactor,
        () => Promise.resolve(sink()) as unknown as Reactor,
        () => sink(),
      ];
      stay.keep({}, undefined, () => made[stay.attempts.length - 1]());
      await stay.until("connected");
      const errors = stay.states.flatMap((state) =>
        state.kind === "waiting" ? [state.error] : []
      );
      assert.equal(errors[0], why);
      assert.ok(errors[1] instanceof HandlerError);
      for (const error of errors.slice(2)) {
        assert.equal(error?.name, "InvalidReactorError");
      }
      await stay.network.sleep(10 * LATENCY_MS);
      assert.equal(stay.served.length, 1);
      await stay.end();
    });
    assert.equal(lines.length, 2);
    assert.match(lines[0], /reactor for 10\.0\.0\.1:80.*no reactor today/);
  });

  it("stops with AttemptsExhaustedError after maxAttempts in a row", async () => {
    const stay = new Stay();
    const kept = stay.keep({ maxAttempts: 3 });
    const error = await kept.whenClosed;
    assert.ok(error instanceof AttemptsExhaustedError);
    assert.ok(error.cause instanceof ConnectionRefusedError);
    assert.match(error.message, /3 attempts in a row.*nobody listens there/);
    assert.deepEqual(stay.list, [
      ["connecting", 1],
      ["waiting", 1, 100],
      ["connecting", 2],
      ["waiting", 2, 200],
      ["connecting", 3],
      ["stopped"],
    ]);
    assert.deepEqual(stay.states.at(-1), { kind: "stopped", error });
    await stay.network.idle();
    await stay.end();
  });

  it("counts a connection that was closed at once, and not one that stayed", async () => {
    const stay = new Stay();
    let closes = true;
    await stay.open((ctx) => closes && ctx.close());
    const kept = stay.keep({ maxAttempts: 2 });
    await stay.until("waiting");
    closes = false;
    await stay.until("connected", 2);
    await stay.network.sleep(1100);
    stay.served[1].close();
    closes = true;
    const error = await kept.whenClosed;
    assert.ok(error instanceof AttemptsExhaustedError);
    assert.equal(error.cause, undefined);
    assert.match(error.message, /it was closed/);
    assert.equal(stay.served.length, 4);
    await stay.end();
  });

  it("stops at once where no further attempt would help", async () => {
    const cases: [KeepConnectedOptions, string | undefined, unknown][] = [
      [{}, "unix:\\\\.\\pipe\\none", UnsupportedTransportError],
      [{ sendLowWaterMark: 2 ** 30 }, undefined, InvalidOptionError],
      [
        { proxyProtocol: { version: 1, command: "local" } },
        undefined,
        InvalidOptionError,
      ],
      [
        { proxyProtocol: { version: 1, source: "a:1", destination: "b:2" } },
        undefined,
        InvalidAddressError,
      ],
    ];
    for (const [options, address, errorClass] of cases) {
      const stay = new Stay();
      const kept = stay.keep(options, address);
      const error = await kept.whenClosed;
      assert.equal(error?.constructor, errorClass);
      assert.deepEqual(stay.list, [["connecting", 1], ["stopped"]]);
      await stay.end();
    }
  });

  it("stops where the adapter has no chance that can be used", async () => {
    class Chanceless extends CountingAdapter {
      readonly #random: () => number;

      constructor(random: () => number) {
        super(new SimNetwork().host("client").adapter);
        this.#random = random;
      }

      override random(): number {
        return this.#random();
      }
    }
    const why = new Error("no chance");
    const broken = () => {
      throw why;
    };
    for (const random of [broken, () => NaN]) {
      const runtime = new ReactRuntime({ adapter: new Chanceless(random) });
      const kept = keepConnected(runtime, "client:1", () => sink(), {
        onState() {},
      });
      const error = await kept.whenClosed;
      if (random === broken) assert.equal(error, why);
      else assert.ok(error instanceof InvalidOptionError);
      await runtime.stop();
    }
  });

  it("stops at once in a runtime that was stopped", async () => {
    const stay = new Stay();
    await stay.runtime.stop();
    const kept = stay.keep();
    assert.ok(await kept.whenClosed instanceof RuntimeStoppedError);
    await stay.end();
  });

  for (const how of ["close", "abort", "await using"] as const) {
    it(`leaves nothing open when it is stopped by ${how}, whatever it was doing`, async () => {
      // Connecting from 0.0 to 30.0 ms, connected until 60, waiting until 160.
      for (const ms of [0, 5, 10, 15, 20, 29, 30.01, 45, 61, 80, 150, 165]) {
        const stay = new Stay();
        stay.network.setLink("client", "server", {
          latencyMs: 15,
          jitterMs: 0,
        });
        await stay.open((ctx) => {
          if (stay.served.length === 1) {
            void stay.network.sleep(15).then(() => ctx.abort());
          }
        });
        const reason = new Error("that is all");
        const controller = new AbortController();
        const kept = stay.keep({ signal: controller.signal });
        let closes = 0;
        stay.reactors.push = (reactor) => {
          reactor.onClose = () => void closes++;
          return 0;
        };
        await stay.network.sleep(ms);
        const { connection } = kept;
        const count = stay.states.length;
        const error = how === "await using" ? undefined : reason;
        if (how === "close") void kept.close(reason);
        else if (how === "abort") controller.abort(reason);
        else void kept[Symbol.asyncDispose]();
        assert.equal(stay.states.length, count, "not from inside the call");
        assert.equal(stay.client.counts.connects, 0);
        assert.equal(await kept.whenClosed, error);
        assert.deepEqual(stay.states.at(-1), { kind: "stopped", error });
        assert.ok(stay.states.length <= count + 1);
        if (connection !== undefined) {
          // Without a reason of ours it may end by the server's reset.
          const why = await connection.whenClosed;
          if (error !== undefined) assert.equal(why, error);
          assert.ok(closes > 0);
        }
        assert.equal(kept.connection, undefined);
        await kept.close();
        await stay.runtime.run();
        const told = stay.states.length;
        await stay.network.idle();
        assert.equal(stay.states.length, told);
        await stay.end();
      }
    });
  }

  it("is stopped by a signal that was aborted before", async () => {
    const stay = new Stay();
    const kept = stay.keep({ signal: AbortSignal.abort("enough") });
    const error = await kept.whenClosed;
    assert.ok(error instanceof HandlerError);
    assert.equal(error.cause, "enough");
    assert.deepEqual(stay.list, [["stopped"]]);
    await stay.end();
  });

  it("stops with its runtime, which closes the connection as ever", async () => {
    for (const ms of [0, 5, 15, 45, 80, 165]) {
      const stay = new Stay();
      stay.network.setLink("client", "server", { latencyMs: 15, jitterMs: 0 });
      await stay.open((ctx) => {
        if (stay.served.length === 1) {
          void stay.network.sleep(15).then(() => ctx.abort());
        }
      });
      const kept = stay.keep();
      await stay.network.sleep(ms);
      await stay.runtime.stop();
      const state = stay.states.at(-1);
      assert.ok(state?.kind === "stopped", "told before stop is done");
      assert.ok(state.error instanceof RuntimeStoppedError);
      assert.equal(await kept.whenClosed, state.error);
      await stay.end();
    }
  });

  it("keeps run() going while it waits, and lets it end when it has stopped", async () => {
    const stay = new Stay();
    stay.keep({ maxAttempts: 4 });
    await stay.runtime.run();
    assert.equal(stay.attempts.length, 4);
    await stay.end();
  });

  it("goes on while a program drives the runtime by processEvents", async () => {
    const stay = new Stay();
    const kept = stay.keep({ maxAttempts: 3 });
    while (await stay.runtime.processEvents({ timeoutMs: 5000 }));
    assert.ok(await kept.whenClosed instanceof AttemptsExhaustedError);
    const refusal = 2 * LATENCY_MS;
    assertTimes(gaps(stay.attempts), [100 + refusal, 200 + refusal]);
    await stay.end();
  });

  it("may be closed from onState, makeReactor and the reactor", async () => {
    const kinds = ["connecting", "connected", "waiting"] as const;
    const places = [...kinds, "makeReactor", "throw", "onConnected", "onClose"];
    await logging(() => {}, async () => {
      for (const place of places) {
        const stay = new Stay();
        let openCount = 0;
        await stay.open((ctx) => ctx.close());
        const close = (here: string) => {
          if (here === place) void kept.close();
        };
        const kept: KeptConnection = stay.keep(
          {
            onState: (state) => {
              stay.states.push(state);
              close(state.kind);
            },
          },
          undefined,
          () => {
            close("makeReactor");
            if (place === "throw") {
              void kept.close();
              throw new Error("no");
            }
            return sink({
              onConnected: () => {
                openCount++;
                close("onConnected");
              },
              onClose: () => {
                openCount--;
                close("onClose");
              },
            });
          },
        );
        assert.equal(await kept.whenClosed, undefined);
        assert.equal(openCount, 0, place);
        assert.equal(stay.states.at(-1)?.kind, "stopped");
        await stay.end();
      }
    });
  });

  it("goes on when onState throws or rejects, and logs it", async () => {
    const lines: string[] = [];
    await logging(({ parts }) => lines.push(parts.join(" ")), async () => {
      const stay = new Stay();
      await stay.open();
      const ways = [
        () => {
          throw new Error("thrown");
        },
        () => Promise.reject(new Error("rejected")),
      ];
      const kept = stay.keep({ onState: () => ways.shift()?.() });
      await stay.network.until(() => kept.connection !== undefined);
      await kept.close();
      await stay.end();
    });
    assert.equal(lines.length, 2);
    assert.match(lines[0], /onState failed.*thrown/);
    assert.match(lines[1], /onState failed.*rejected/);
  });

  it("logs the first failure, then one of another kind, else one a minute, if nobody is told", async () => {
    const lines: string[] = [];
    await logging(({ parts }) => lines.push(parts.join(" ")), async () => {
      const stay = new Stay();
      const kept = stay.keep({ onState: undefined, maxAttempts: 2 });
      await kept.whenClosed;
      await stay.end();
    });
    assert.equal(lines.length, 2);
    assert.match(
      lines[0],
      /^No connection to 10\.0\.0\.1:80 after attempt 1, connecting again in 100 ms: ConnectionRefusedError: /,
    );
    assert.match(lines[1], /^Connects no more: AttemptsExhaustedError: /);
  });

  it("logs that a connection is lost that was up for long", async () => {
    const lines: string[] = [];
    await logging(({ parts }) => lines.push(parts.join(" ")), async () => {
      const stay = new Stay();
      await stay.open();
      const kept = stay.keep({ onState: undefined });
      await stay.network.sleep(60_000);
      stay.served[0].close();
      await stay.network.sleep(1000);
      await kept.close();
      await stay.end();
    });
    assert.deepEqual(lines, [
      "Lost the connection to 10.0.0.1:80, connecting again in 100 ms: it was closed",
    ]);
  });

  it("logs no failure again within a minute that is as the last one", async () => {
    const lines: string[] = [];
    await logging(({ parts }) => lines.push(parts.join(" ")), async () => {
      const stay = new Stay();
      const kept = stay.keep({
        onState: undefined,
        backoff: { ...PLAIN, minMs: 1000, maxMs: 1000 },
      });
      await stay.network.sleep(150_000);
      assert.equal(lines.length, 3, lines.join("\n"));
      for (const line of lines) assert.match(line, /ConnectionRefusedError/);
      assert.match(lines[2], /after attempt 1\d\d,/);
      await stay.open((ctx) => ctx.close());
      await stay.network.sleep(20_000);
      assert.equal(lines.length, 4, lines.join("\n"));
      assert.match(lines[3], /it was closed/);
      await kept.close();
      await stay.end();
    });
  });

  it("refuses what it cannot use at once", () => {
    const runtime = new ReactRuntime({
      adapter: new SimNetwork().host("a").adapter,
    });
    const refuses = (
      errorClass: new (message: string) => Error,
      addresses: unknown,
      { makeReactor = () => sink(), ...options }: {
        readonly [name: string]: unknown;
      } = {},
    ) =>
      assert.throws(
        () =>
          keepConnected(
            runtime,
            addresses as AddressLike,
            makeReactor as () => Reactor,
            options,
          ),
        errorClass,
      );
    refuses(InvalidAddressError, []);
    refuses(InvalidAddressError, ["a:1", "nonsense"]);
    refuses(InvalidAddressError, undefined);
    for (const makeReactor of [null, "sink", sink()]) {
      refuses(InvalidCallbackError, "a:1", { makeReactor });
    }
    for (
      const options of [
        { maxAttempts: 0 },
        { maxAttempts: 1.5 },
        { signal: {} },
        { signal: new EventTarget() },
        { signal: { aborted: false, addEventListener() {} } },
        { onState: "connected" },
        { backoff: 100 },
        { backoff: { minMs: 0 } },
        { backoff: { maxMs: 0.5 } },
        { backoff: { minMs: 100, maxMs: 99 } },
        { backoff: { factor: 0.5 } },
        { backoff: { jitter: "half" } },
        { connectTimeoutMs: 0 },
        { idleTimeoutMs: -1 },
      ]
    ) {
      refuses(InvalidOptionError, "a:1", options);
    }
  });

  it("does not bring a thousand clients back at once when their server restarts", async () => {
    const HOSTS = 20;
    const CLIENTS_EACH = 50;
    const CLIENTS = HOSTS * CLIENTS_EACH;
    const DOWN_MS = 10_000;
    const stay = new Stay();
    await stay.open();
    const attempts: number[] = [];
    const connections = new Set<ConnectionHandle>();
    const runtimes = Array.from({ length: HOSTS }, (_, i) => {
      const { adapter } = stay.network.host(`h${i}`);
      return new ReactRuntime({ adapter });
    });
    for (const runtime of runtimes) {
      for (let i = 0; i < CLIENTS_EACH; i++) {
        keepConnected(runtime, "server:80", () => sink(), {
          onState: (state) => {
            if (state.kind === "connecting") attempts.push(stay.network.now());
            if (state.kind !== "connected") return;
            connections.add(state.connection);
            void state.connection.whenClosed.then(() =>
              connections.delete(state.connection)
            );
          },
        });
      }
    }
    const allConnected = () =>
      stay.network.until(() => connections.size === CLIENTS, {
        timeoutMs: 300_000,
        what: "all are connected",
      });
    await allConnected();
    await stay.network.sleep(31_000); // the waits begin anew
    attempts.length = 0;
    const start = stay.network.now();
    stay.kill();
    await stay.network.sleep(DOWN_MS);
    await stay.open();
    await allConnected();

    /** How many attempts begin in each `ms` milliseconds. */
    const perInterval = (ms: number, from: number) => {
      const counts: number[] = [];
      for (const time of attempts) {
        if (time < from) continue;
        const i = Math.floor((time - from) / ms);
        counts[i] = (counts[i] ?? 0) + 1;
      }
      return Array.from(counts, (count) => count ?? 0);
    };
    const first = perInterval(50, start);
    assert.ok(Math.max(...first) < CLIENTS / 3, `${first}`);
    // Spread over a first wait of up to 500 ms, and then over longer ones.
    const perSecond = perInterval(1000, start);
    assert.ok(perSecond[0] < 3 * CLIENTS, `${perSecond}`);
    assert.ok(Math.max(...perSecond.slice(3)) < CLIENTS / 2, `${perSecond}`);
    assert.ok(attempts.length < 12 * CLIENTS, `${attempts.length}`);
    const back = perInterval(100, start + DOWN_MS);
    assert.ok(Math.max(...back) < CLIENTS / 10, `${back}`);
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await stay.end();
  });

  it("is connected in the end, by one connection at a time, whatever the network and the servers do", async () => {
    const report = await simulate(
      { seeds: 40, faults: "random" },
      async (sim) => {
        const names = ["a", "b"];
        const { address, ipv6Address } = sim.host("b");
        sim.network.addName("b.example", [ipv6Address, address]);
        const serve = (name: string) =>
          sim.runtime(name).listen("0.0.0.0:80", {
            onNewConnection: () => ({ reactor: sink() }),
          }).catch(() => {}); // the process may have died meanwhile
        for (const name of names) await serve(name);
        const runtime = sim.runtime("client");
        let isClosing = false;
        const wrong: string[] = [];
        sim.invariant("states are in order", () => assert.deepEqual(wrong, []));
        const kept = Array.from({ length: 5 }, (_, i) => {
          let openCount = 0;
          let last: KeepConnectedState | undefined;
          let waitsUntil = 0;
          const addresses = i % 2 === 0 ? "a:80" : ["a:80", "b.example:80"];
          return keepConnected(runtime, addresses, () => {
            if (openCount > 0) wrong.push("two at once");
            return sink({
              onConnected: () => void openCount++,
              onClose: () => void openCount--,
            });
          }, {
            backoff: { minMs: 20, maxMs: 500 },
            connectTimeoutMs: 2000,
            onState: (state) => {
              const before = last?.kind ?? "waiting";
              const isNext = {
                connecting: before === "waiting",
                connected: before === "connecting",
                waiting: before === "connecting" || before === "connected",
                stopped: isClosing,
              };
              if (!isNext[state.kind]) {
                wrong.push(`${state.kind} after ${before}`);
              }
              if (state.kind === "waiting") {
                waitsUntil = sim.now() + state.delayMs;
              }
              if (sim.now() < waitsUntil && state.kind === "connecting") {
                wrong.push("too early");
              }
              last = state;
            },
          });
        });
        for (let i = 0; i < 3; i++) {
          await sim.sleep(sim.random.integer(0, 3000));
          const name = sim.random.pick(names);
          const how = sim.random.integer(0, 2);
          if (how === 0) sim.host(name).kill();
          else if (how === 1) sim.host(name).crash();
          else sim.network.resetConnections(sim.host("client"));
          await sim.sleep(sim.random.integer(0, 3000));
          if (sim.host(name).isUp) continue;
          sim.host(name).restart();
          await serve(name);
        }
        sim.network.endFaults();
        // What died in silence is noticed when something is sent.
        sim.network.resetConnections(sim.host("client"));
        await sim.until(
          () => kept.every(({ connection }) => connection !== undefined),
          { what: "all are connected", timeoutMs: 60_000 },
        );
        assert.equal(runtime.connectionCount, kept.length);
        isClosing = true;
        await Promise.all(kept.slice(2).map((one) => one.close()));
      },
    );
    assert.ok(report.faults > 0);
  });
});
