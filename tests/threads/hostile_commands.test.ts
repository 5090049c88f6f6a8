import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AddressLike,
  type CommandId,
  type CommandOptions,
  type CommandResult,
  INVALID_COMMAND_ID,
  type ReactorID,
} from "../../mod.ts";
import { eventually } from "../conformance/support.ts";
import { inTime } from "../support/in_time.ts";
import type { AgentCommand } from "./agent_module.ts";
import {
  type AgentHandle,
  sharedThreads,
  type Threads,
  withAgents,
} from "./agents.ts";

const THROWN = new Error("thrown by a getter");

function fail(): never {
  throw THROWN;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Commands that cannot be read. */
const unreadable: Record<string, () => unknown> = {
  "a getter that throws": () => ({
    item: 5,
    get text(): string {
      return fail();
    },
  }),
  "a getter that throws what has no text": () => ({
    item: 5,
    get text(): string {
      throw Object.create(null);
    },
  }),
  "a getter that throws, deep inside": () => ({
    item: [{
      get text(): string {
        return fail();
      },
    }],
  }),
  "a revoked proxy": () => revoked(),
  "a revoked proxy inside": () => ({ item: revoked(), text: "b" }),
  "a proxy whose get trap throws": () =>
    new Proxy({ item: 1, text: "p" }, { get: fail }),
  "a proxy whose ownKeys trap throws": () =>
    new Proxy({ item: 1 }, { ownKeys: fail }),
  "a proxy whose getPrototypeOf trap throws": () =>
    new Proxy({ item: 1 }, { getPrototypeOf: fail }),
  "a map with what cannot be read": () => ({
    item: new Map([["key", {
      get value() {
        return fail();
      },
    }]]),
  }),
};

/** Records the outcomes of commands. */
class Results {
  readonly seen: string[] = [];

  completion(name: string): { completion(result: CommandResult): void } {
    return {
      completion: (result) => {
        const what = result.ok ? "done" : result.error.name;
        this.seen.push(`${name} ${what}`);
      },
    };
  }
}

/** Sends `cmd` to an agent. */
function give(
  threads: Threads,
  agent: AgentHandle,
  cmd: unknown,
  options?: CommandOptions,
): CommandId {
  return threads.getCmdSender(agent.uid.runtimeId).sendUserCmd(
    agent.uid.reactorId,
    cmd as AgentCommand,
    options,
  );
}

describe("a promise in place of a command", () => {
  it("fails with NotCloneableError, and its rejection ends nothing", () =>
    withAgents(1, async ([a], threads) => {
      const results = new Results();
      const promise = () => Promise.reject(THROWN);
      give(threads, a, promise(), results.completion("first"));
      give(threads, a, promise(), results.completion("second"));
      give(threads, a, promise());
      await eventually(() => results.seen.length === 2, "both are completed");
      assert.deepEqual(results.seen.toSorted(), [
        "first NotCloneableError",
        "second NotCloneableError",
      ]);
    }));
});

describe("a command that cannot be read", () => {
  for (const [what, make] of Object.entries(unreadable)) {
    it(`${what}: it alone fails with NotCloneableError, wherever it stands in a turn`, () =>
      withAgents(1, async ([a], threads) => {
        const results = new Results();
        const sent: unknown[] = [];
        let badCount = 0;
        const bad = (options: CommandOptions = {}) =>
          give(threads, a, make(), {
            ...options,
            ...results.completion(`bad ${badCount++}`),
          });
        const good = (item: number, more: object = {}) => {
          sent.push(item);
          give(
            threads,
            a,
            { item, text: `text ${item}`, ...more },
            results.completion(`good ${item}`),
          );
        };
        bad(); // the first of the turn
        good(0);
        bad();
        good(1);
        good(2);
        give(threads, a, make()); // awaited by nobody
        good(3, { more: true }); // of another shape
        bad();
        good(4);
        bad({ deferred: { kind: "after", ms: 20 } });
        give(threads, a, make(), { deferred: { kind: "after", ms: 10 } });
        await eventually(() => results.seen.length === 9, "all are completed");
        assert.deepEqual(results.seen.toSorted(), [
          ...[0, 1, 2, 3].map((i) => `bad ${i} NotCloneableError`),
          ...[0, 1, 2, 3, 4].map((i) => `good ${i} done`),
        ]);
        assert.deepEqual(await a.run((agent) => agent.items), sent);
        // Nothing is left under way.
        await inTime(() => threads.stop({ graceMs: 60_000 }), 30_000);
      }));
  }

  it("has what was thrown as cause", () =>
    withAgents(1, async ([a], threads) => {
      const result = await new Promise<CommandResult>((completion) =>
        give(threads, a, unreadable["a getter that throws"](), { completion })
      );
      assert.ok(!result.ok);
      assert.equal(result.error.cause, THROWN);
      assert.match(result.error.message, /give a command.*thrown by a getter/);
    }));

  it("does not end the worker that sends it, deferred or not", () =>
    withAgents(2, async ([a, b]) => {
      const seen = await a.run(async (agent, to) => {
        const sender = agent.thread.getCmdSender(to.runtimeId);
        const seen: string[] = [];
        const bad = {
          item: 1,
          get text(): string {
            throw new Error("thrown");
          },
        };
        for (const ms of [0, 0, 10]) {
          sender.sendUserCmd(to.reactorId, bad, {
            deferred: { kind: "after", ms },
            completion: (result) =>
              void seen.push(result.ok ? "done" : result.error.name),
          });
          sender.sendUserCmd(to.reactorId, bad, {
            deferred: { kind: "after", ms },
          });
        }
        while (seen.length < 3) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return seen;
      }, b.uid);
      assert.deepEqual(seen, Array(3).fill("NotCloneableError"));
      assert.deepEqual(await b.run((agent) => agent.items), []);
    }));
});

describe("a command with a getter that", () => {
  it("sends others: they and the command arrive whole, whatever their shapes", () =>
    withAgents(1, async ([a], threads) => {
      for (const isFirst of [true, false]) {
        if (!isFirst) give(threads, a, { item: "first" });
        give(threads, a, {
          item: "outer",
          get text() {
            for (let i = 0; i < 600; i++) give(threads, a, { item: i, i });
            give(threads, a, { item: new Map([["nested", 1]]) });
            return "text";
          },
          n: 1,
        });
        give(threads, a, { item: "after", text: "text", n: 2 });
      }
      const [first, second] = await a.run((agent) => {
        const show = (item: unknown) =>
          item instanceof Map ? "map" : String(item);
        const items = agent.items.map(show);
        return [items.slice(0, 603), items.slice(603)];
      });
      const nested = Array.from({ length: 600 }, (_, i) => String(i));
      assert.deepEqual(first, [...nested, "map", "outer", "after"]);
      assert.deepEqual(second, ["first", ...nested, "map", "outer", "after"]);
    }));

  it("changes with each read: the command is read once, and arrives so", () =>
    withAgents(1, async ([a], threads) => {
      let reads = 0;
      const shifty = () => ({
        get item() {
          return reads++ % 2 === 0 ? reads : `text ${reads}`;
        },
        text: "same",
      });
      for (let i = 0; i < 4; i++) give(threads, a, shifty());
      assert.deepEqual(
        await a.run((agent) => agent.items),
        [1, "text 2", 3, "text 4"],
      );
      assert.equal(reads, 4);
    }));

  it("stops everything: the command is completed once, as is a connect with such a parameter", () =>
    withAgents(1, async ([a], threads) => {
      const results = new Results();
      let stopped: Promise<void> | undefined = undefined;
      const stopping = {
        index: 0,
        get stop() {
          stopped ??= threads.stop({ graceMs: 0 });
          return new Map();
        },
      };
      threads.getCmdSender(0).sendConnect(
        "127.0.0.1:1",
        "agent",
        stopping,
        results.completion("connect"),
      );
      give(threads, a, { item: 1 }, results.completion("later"));
      await stopped;
      assert.deepEqual(
        results.seen.map((it) => it.split(" ")[0]).toSorted(),
        ["connect", "later"],
      );
    }));
});

describe("the other arguments of a command", () => {
  const inThread = sharedThreads(1);

  const throwing = (key: string): object =>
    Object.defineProperty({}, key, { get: fail, enumerable: true });

  /** What is passed in place of valid values. */
  interface Given {
    readonly address?: unknown;
    readonly factory?: unknown;
    readonly id?: unknown;
    readonly param?: unknown;
    readonly options?: object;
  }

  /** Sends one command of each kind with `given`; resolves to their outcomes, in order. */
  async function errorsOf(
    given: Given,
    send: (kind: number, given: Given, options: object) => unknown,
  ): Promise<(string | undefined)[]> {
    const errors: string[] = [];
    for (let kind = 0; kind < 4; kind++) {
      const completion = (result: CommandResult) => {
        assert.equal(errors[kind], undefined, "it is completed once");
        errors[kind] = result.ok ? "done" : result.error.name;
      };
      const own = Object.getOwnPropertyDescriptors(given.options ?? {});
      send(kind, given, Object.defineProperties({ completion }, own));
    }
    await eventually(() => errors.flat().length === 4, "all are completed");
    return errors;
  }

  /** Sends to a thread, from another one. */
  function sendTo(threads: Threads): Parameters<typeof errorsOf>[1] {
    const sender = threads.getCmdSender(0);
    return (kind, given, options) => {
      const {
        address = "127.0.0.1:1",
        factory = "sink",
        id = 1,
        param = undefined,
      } = given;
      const at = address as AddressLike;
      switch (kind) {
        case 0:
          return sender.sendConnect(
            at,
            factory as "sink",
            param as undefined,
            options,
          );
        case 1:
          return sender.sendListen(
            at,
            factory as "echo",
            param as undefined,
            options,
          );
        case 2:
          return sender.sendClose(id as ReactorID, options);
        default:
          return sender.sendUserCmd(id as ReactorID, { item: 1 }, options);
      }
    };
  }

  const INVALID_ADDRESS = ["InvalidAddressError", "InvalidAddressError"];
  const UNKNOWN_FACTORY = ["UnknownFactoryError", "UnknownFactoryError"];
  const NOT_CLONEABLE = ["NotCloneableError", "NotCloneableError"];
  const UNREADABLE = [, , "InvalidReactorError", "InvalidReactorError"]; // deno-lint-ignore no-sparse-arrays
  const NOT_FOUND = [, , "ReactorNotFoundError", "ReactorNotFoundError"]; // deno-lint-ignore no-sparse-arrays
  const INVALID_OPTION = Array(4).fill("InvalidOptionError");

  /** What is passed, and the errors of a connect, a listen, a close and a user command; the others fail in their usual way. */
  const cases: [what: string, given: Given, errors: (string | undefined)[]][] =
    [
      [
        "an address that cannot be read",
        { address: throwing("hostname") },
        INVALID_ADDRESS,
      ],
      ["a revoked address", { address: revoked() }, INVALID_ADDRESS],
      ["a symbol as address", { address: Symbol("a") }, INVALID_ADDRESS],
      [
        "an address without a prototype",
        { address: Object.create(null) },
        INVALID_ADDRESS,
      ],
      ["a symbol as factory", { factory: Symbol("f") }, UNKNOWN_FACTORY],
      [
        "a factory without a prototype",
        { factory: Object.create(null) },
        UNKNOWN_FACTORY,
      ],
      [
        "a parameter that cannot be read",
        { param: throwing("index") },
        NOT_CLONEABLE,
      ],
      ["a symbol as id", { id: Symbol("id") }, NOT_FOUND],
      ["an id without a prototype", { id: Object.create(null) }, NOT_FOUND],
      ["a revoked proxy as id", { id: revoked() }, UNREADABLE],
      ["a text as id", { id: "1" }, NOT_FOUND],
      [
        "a time that cannot be read",
        { options: { deferred: throwing("kind") } },
        INVALID_OPTION,
      ],
      [
        "a time that is a symbol",
        { options: { deferred: { kind: "until", epochMs: Symbol("ms") } } },
        INVALID_OPTION,
      ],
      [
        "a time that is a revoked proxy",
        { options: { deferred: revoked() } },
        INVALID_OPTION,
      ],
      [
        "a deferred that cannot be read",
        { options: throwing("deferred") },
        INVALID_OPTION,
      ],
      [
        "an option that cannot be read",
        { options: throwing("connectTimeoutMs") },
        ["InvalidOptionError"],
      ],
    ];

  const checkErrors = (
    errors: (string | undefined)[],
    expected: (string | undefined)[],
  ) =>
    assert.deepEqual(
      errors.map((it, i) => expected[i] === undefined ? undefined : it),
      errors.map((_, i) => expected[i]),
    );

  for (const [what, given, expected] of cases) {
    it(`${what} is a typed error of the completion`, () =>
      inThread(async (_agents, threads) => {
        checkErrors(await errorsOf(given, sendTo(threads)), expected);
      }));
  }

  it("options that cannot be read are logged if their completion cannot be read", () =>
    inThread(async ([a], threads) => {
      const sender = threads.getCmdSender(0);
      const options = throwing("completion");
      sender.sendConnect("127.0.0.1:1", "sink", undefined, options);
      sender.sendListen("127.0.0.1:1", "echo", undefined, options);
      sender.sendClose(a.uid.reactorId, options);
      sender.sendUserCmd(a.uid.reactorId, { item: 1 }, options);
      sender.sendUserCmd(a.uid.reactorId, { item: 2 }, null as never);
      assert.ok((await a.ask({ item: 3 })).ok);
      assert.deepEqual(await a.run((agent) => agent.items), [3]);
    }));

  it("an invalid id fails with an error that names it and the action", () =>
    inThread(async (_agents, threads) => {
      const sender = threads.getCmdSender(0);
      const id = "x" as unknown as ReactorID;
      const messages: string[] = [];
      const completion = (result: CommandResult) =>
        void messages.push(result.ok ? "done" : result.error.message);
      sender.sendClose(id, { completion });
      sender.sendUserCmd(id, { item: 1 }, { completion });
      await eventually(() => messages.length === 2, "both are completed");
      assert.deepEqual(messages, [
        "Cannot close reactor x of runtime 0: it was closed, or never was",
        "Cannot give a command to reactor x of runtime 0: it was closed, or never was",
      ]);
    }));

  it("anything but an id cancels nothing", () =>
    inThread((_agents, threads) => {
      const sender = threads.getCmdSender(0);
      for (const id of [Symbol("id"), Object.create(null), revoked(), NaN]) {
        assert.equal(sender.cancel(id as CommandId), false);
      }
      assert.equal(sender.cancel(INVALID_COMMAND_ID), false);
      return Promise.resolve();
    }));
});
