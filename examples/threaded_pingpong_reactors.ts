import {
  DefaultTcpListenerHandler,
  Deferred,
  defineReactors,
  type DispatchContext,
  type Reactor,
  type ReactorID,
  type ReactorThread,
} from "../mod.ts";
import { LatencyTable } from "./latency.ts";
import { PingpongClient, PingpongReactor } from "./pingpong.ts";

/** What happened in all threads, in memory that they share. */
export class Score {
  /** To be given to other threads, where it makes the same score. */
  readonly counts: Int32Array<SharedArrayBuffer>;

  constructor(counts = new Int32Array(new SharedArrayBuffer(8))) {
    this.counts = counts;
  }

  /** How many reactors are closed. */
  get closed(): number {
    return Atomics.load(this.counts, 0);
  }

  /** Resolves when both reactors are closed. */
  async bothClosed(): Promise<void> {
    while (this.closed < 2) {
      await Atomics.waitAsync(this.counts, 0, this.closed).value;
    }
  }

  /** How many commands came from the client's thread to the server's. */
  get commands(): number {
    return Atomics.load(this.counts, 1);
  }

  onClosed(): void {
    Atomics.add(this.counts, 0, 1);
    Atomics.notify(this.counts, 0);
  }

  onCommand(): void {
    Atomics.add(this.counts, 1, 1);
  }
}

/** The parameter of the server's listener. */
export interface ServerParam {
  /** The reactors are called `name-1`, `name-2`, … */
  readonly name: string;
  readonly counts: Score["counts"];
}

/** The parameter of the client's reactor. */
export interface ClientParam {
  readonly name: string;
  /** Who to play with. */
  readonly server: string;
  /** Round trips in all, and per row of the table. */
  readonly count: number;
  readonly batch: number;
  readonly counts: Score["counts"];
}

/** Sends every message back, and has a name by which other threads find it. */
class ThreadedPingpongServer extends PingpongReactor
  implements Reactor<string> {
  readonly #name: string;
  readonly #thread: ReactorThread;
  readonly #score: Score;

  constructor(name: string, thread: ReactorThread, score: Score) {
    super();
    this.#name = name;
    this.#thread = thread;
    this.#score = score;
  }

  async onConnected(
    ctx: DispatchContext<string>,
    listenerId: ReactorID,
  ): Promise<void> {
    ctx.cmdSender.sendClose(listenerId); // one client is enough
    await this.#thread.addName(this.#name, {
      runtimeId: this.#thread.runtimeId,
      reactorId: ctx.id,
    });
  }

  onCommand(): void {
    this.#score.onCommand();
  }

  onClose(): void {
    this.#score.onClosed();
  }
}

/** Sends the server in its thread a command, then plays with it. */
class ThreadedPingpongClient extends PingpongClient implements Reactor<string> {
  readonly #param: ClientParam;
  readonly #thread: ReactorThread;

  constructor(param: ClientParam, thread: ReactorThread) {
    super(param.count, new LatencyTable(param.batch));
    this.#param = param;
    this.#thread = thread;
  }

  override async onConnected(ctx: DispatchContext<string>): Promise<void> {
    await this.#thread.addName(this.#param.name, {
      runtimeId: this.#thread.runtimeId,
      reactorId: ctx.id,
    });
    ctx.cmdSender.sendUserCmd(ctx.id, "StartSending", {
      deferred: Deferred.after(10),
    });
  }

  onCommand(command: string, ctx: DispatchContext<string>): void {
    const server = this.#thread.findByName(this.#param.server);
    if (server === undefined) { // it has no name yet
      ctx.cmdSender.sendUserCmd(ctx.id, command, {
        deferred: Deferred.after(10),
      });
      return;
    }
    const sender = this.#thread.getCmdSender(server.runtimeId);
    sender.sendUserCmd(server.reactorId, "TestCmdFromClient");
    super.onConnected(ctx); // begins to play
  }

  override onClose(): void {
    super.onClose();
    new Score(this.#param.counts).onClosed();
  }
}

export default defineReactors({
  listeners: {
    server: ({ name, counts }: ServerParam, thread) =>
      new DefaultTcpListenerHandler((count) =>
        new ThreadedPingpongServer(
          `${name}-${count}`,
          thread,
          new Score(counts),
        )
      ),
  },
  reactors: {
    client: (param: ClientParam, thread) =>
      new ThreadedPingpongClient(param, thread),
  },
});
