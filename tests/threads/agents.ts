import assert from "node:assert/strict";
import { after, before } from "node:test";
import {
  framed,
  hostAdapter,
  lines,
  type Reactor,
  type ReactorUID,
  ReactRuntime,
  type SharedListener,
  ThreadedReactorMgr,
  type ThreadedReactorOptions,
} from "../../mod.ts";
import { RawPeer } from "../conformance/peers.ts";
import {
  ANY_PORT,
  eventually,
  quietly,
  signal,
  sleep,
} from "../conformance/support.ts";
import { built } from "../support/built.ts";
import { steadyAdapter } from "../support/steady_adapter.ts";
import {
  type Agent,
  type AgentCommand,
  type AgentOutcome,
  outcome,
} from "./agent_module.ts";
import { asTcp } from "../support/tcp.ts";

/** The type of the module that the threads of these tests load. */
export type AgentModule = typeof import("./agent_module.ts").default;

/** A manager of threads with agents. */
export type Threads = ThreadedReactorMgr<AgentModule>;

/** The URL of a module of `tests/threads`. */
export function moduleUrl(name: string): URL {
  return new URL(built(`./${name}.ts`), import.meta.url);
}

/** Threads with the steady clock, for tests that rely on being in time themselves. */
export const STEADY: Partial<ThreadedReactorOptions> = {
  module: moduleUrl("modules/steady"),
  adapter: () => steadyAdapter(hostAdapter()),
};

/** An agent in a worker, as a test sees it. */
export class AgentHandle {
  /** The sum of the numbers it was sent, or what went wrong. */
  readonly counted = signal<unknown>();
  /** Resolves when its connection is closed. */
  readonly closed = signal();
  readonly #threads: Threads;
  readonly #answers = new Map<number, (report: Report) => void>();

  readonly uid: ReactorUID;

  constructor(threads: Threads, uid: ReactorUID) {
    this.uid = uid;
    this.#threads = threads;
  }

  /** Sends it a command; resolves to the outcome. */
  ask(command: AgentCommand): Promise<AgentOutcome> {
    const { runtimeId, reactorId } = this.uid;
    return outcome((completion) =>
      this.#threads.getCmdSender(runtimeId).sendUserCmd(reactorId, command, {
        completion,
      })
    );
  }

  /** Runs `action` in its thread, by its source, so that it sees only its arguments. Resolves to the result, through JSON. */
  run<Args extends unknown[], Result>(
    action: (agent: Agent, ...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const id = this.#answers.size;
    const { promise, resolve, reject } = signal<Awaited<Result>>();
    this.#answers.set(id, ({ value, error }) => {
      if (error === undefined) resolve(value as Awaited<Result>);
      else reject(new Error(error));
    });
    void this.ask({ run: action.toString(), id, args }).then((result) => {
      if (!result.ok) reject(new Error(`${result.error}: ${result.message}`));
    });
    return promise;
  }

  /** A line has arrived from it. */
  onReport(report: Report): void {
    if (report.id !== undefined) this.#answers.get(report.id)?.(report);
    else if (report.counted !== undefined) this.counted.resolve(report.counted);
  }
}

interface Report {
  readonly index?: number;
  readonly uid?: ReactorUID;
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly counted?: unknown;
}

/** Puts agents into threads, and receives their lines. */
export class AgentHome {
  readonly #threads: Threads;
  readonly #runtime: ReactRuntime;
  readonly #port: number;
  readonly #awaited = new Map<number, (agent: AgentHandle) => void>();
  #count = 0;

  private constructor(threads: Threads, runtime: ReactRuntime, port: number) {
    this.#threads = threads;
    this.#runtime = runtime;
    this.#port = port;
  }

  static async open(threads: Threads): Promise<AgentHome> {
    const runtime = new ReactRuntime();
    // deno-lint-ignore prefer-const -- the listener needs it
    let home: AgentHome;
    const listener = await runtime.listen(ANY_PORT, {
      onNewConnection: () => ({ reactor: home.#reports() }),
    });
    home = new AgentHome(
      threads,
      runtime,
      asTcp(listener.address).port,
    );
    return home;
  }

  /** Makes an agent in the thread `runtimeId`. */
  async add(runtimeId: number): Promise<AgentHandle> {
    const index = this.#count++;
    const agent = signal<AgentHandle>();
    this.#awaited.set(index, agent.resolve);
    const made = await outcome((completion) =>
      this.#threads.getCmdSender(runtimeId).sendConnect(
        `127.0.0.1:${this.#port}`,
        "agent",
        { index },
        { completion },
      )
    );
    assert.ok(made.ok, JSON.stringify(made));
    return agent.promise;
  }

  close(): Promise<void> {
    return this.#runtime.stop({ graceMs: 0 });
  }

  /** Reads the lines of one agent. */
  #reports(): Reactor {
    let agent: AgentHandle | undefined;
    return framed(lines(), {
      onMessage: (line) => {
        const report = JSON.parse(line) as Report;
        if (report.uid !== undefined) {
          agent = new AgentHandle(this.#threads, report.uid);
          this.#awaited.get(report.index!)?.(agent);
        } else {
          agent?.onReport(report);
        }
      },
      onClose: () => agent?.closed.resolve(),
    });
  }
}

/** Makes the thread of `agent` end on its own. */
export function endSoon(agent: AgentHandle): Promise<unknown> {
  return agent.run(() =>
    void setTimeout(() => {
      throw new Error("ended");
    }, 1)
  );
}

/** Opens `count` connections one after another, each when the last is served. */
export async function openPeers(
  listener: SharedListener,
  count: number,
): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await RawPeer.connect(listener.address);
    peer.write(1, 2, 3);
    await peer.has(3);
    peers.push(peer);
  }
  return peers;
}

/** Keeps the thread of an agent busy until `release` is called. */
export async function keepBusy(
  agent: AgentHandle,
): Promise<{ release(): void }> {
  const memory = new Int32Array(new SharedArrayBuffer(8));
  void agent.ask({ item: memory });
  void agent.run((agent) => {
    const memory = agent.items.pop() as Int32Array<SharedArrayBuffer>;
    Atomics.store(memory, 0, 1);
    // Polls, since not every runtime can end a thread that blocks for long.
    while (Atomics.wait(memory, 1, 0, 20) === "timed-out");
  });
  await eventually(() => Atomics.load(memory, 0) === 1, "it is busy");
  return {
    release() {
      Atomics.store(memory, 1, 1);
      Atomics.notify(memory, 1);
    },
  };
}

/** Waits until `isTrue` returns true. */
export async function becomesTrue(
  isTrue: () => Promise<boolean>,
): Promise<void> {
  while (!await isTrue()) await sleep(5);
}

/** A test's body, which gets threads with one agent each. */
export type WithAgents = (
  agents: AgentHandle[],
  mgr: Threads,
  home: AgentHome,
) => Promise<void>;

/** Runs `body` with threads that have one agent each, the log off, and stops them. */
export async function withAgents(
  threads: number,
  body: WithAgents,
  options: Partial<ThreadedReactorOptions> = {},
): Promise<void> {
  await quietly(async () => {
    const mgr = await startThreads(threads, options);
    const home = await AgentHome.open(mgr);
    try {
      await withAgentsOf(home, mgr, body);
    } finally {
      await mgr.stop({ graceMs: 0 });
      await home.close();
    }
  });
}

/**
 * Threads that the tests of a suite share, since starting some takes longer than
 * most tests. The function it returns runs a test with a new agent in each thread
 * and the log off. Not for tests that end a thread or leave something behind in
 * one.
 */
export function sharedThreads(
  threads: number,
  options: Partial<ThreadedReactorOptions> = {},
): (body: WithAgents) => Promise<void> {
  let mgr: Threads;
  before(() =>
    quietly(async () => {
      mgr = await startThreads(threads, options);
    })
  );
  after(() => mgr.stop({ graceMs: 0 }));
  return (body) =>
    quietly(async () => {
      const home = await AgentHome.open(mgr);
      try {
        await withAgentsOf(home, mgr, body);
      } finally {
        await home.close();
      }
    });
}

/** Starts threads. */
export function startThreads(
  threads: number,
  options: Partial<ThreadedReactorOptions>,
): Promise<Threads> {
  return ThreadedReactorMgr.start<AgentModule>({
    threads,
    module: moduleUrl("agent_module"),
    ...options,
  });
}

async function withAgentsOf(
  home: AgentHome,
  mgr: Threads,
  body: WithAgents,
): Promise<void> {
  const agents: AgentHandle[] = [];
  for (let i = 0; i < mgr.threadCount; i++) agents.push(await home.add(i));
  await body(agents, mgr, home);
}
