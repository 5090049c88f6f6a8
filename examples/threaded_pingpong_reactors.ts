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

/** Counts what happens in all threads: a service of the main thread. */
export class Score {
  /** How many commands came from the client's thread to the server's. */
  commands = 0;
  /** How many reactors are closed. */
  closed = 0;
  #whenBothClosed: () => void = () => {};
  /** Resolves when both reactors are closed. */
  readonly bothClosed: Promise<void> = new Promise(
    (resolve) => this.#whenBothClosed = resolve,
  );

  countCommand(): void {
    this.commands++;
  }

  countClosed(): void {
    this.closed++;
    if (this.closed === 2) this.#whenBothClosed();
  }
}

/** A thread of a program whose main thread keeps the score. */
type Thread = ReactorThread<
  string,
  { readonly services: { readonly score: () => Score } }
>;

/** The parameter of the server's listener. */
export interface ServerParam {
  /** The reactors are called `name-1`, `name-2`, … */
  readonly name: string;
}

/** The parameter of the client's reactor. */
export interface ClientParam {
  readonly name: string;
  /** Who to play with. */
  readonly server: string;
  /** Round trips in all, and per row of the table. */
  readonly count: number;
  readonly batch: number;
}

/** Sends every message back, and has a name by which other threads find it. */
class ThreadedPingpongServer extends PingpongReactor
  implements Reactor<string> {
  readonly #name: string;
  readonly #thread: Thread;

  constructor(name: string, thread: Thread) {
    super();
    this.#name = name;
    this.#thread = thread;
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

  async onCommand(): Promise<void> {
    await this.#thread.ask("main", "score.countCommand");
  }

  async onClose(): Promise<void> {
    await this.#thread.ask("main", "score.countClosed");
  }
}

/** Sends the server in its thread a command, then plays with it. */
class ThreadedPingpongClient extends PingpongClient implements Reactor<string> {
  readonly #param: ClientParam;
  readonly #thread: Thread;

  constructor(param: ClientParam, thread: Thread) {
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

  override async onClose(): Promise<void> {
    super.onClose();
    await this.#thread.ask("main", "score.countClosed");
  }
}

export default defineReactors({
  listeners: {
    server: ({ name }: ServerParam, thread: Thread) =>
      new DefaultTcpListenerHandler((count) =>
        new ThreadedPingpongServer(`${name}-${count}`, thread)
      ),
  },
  reactors: {
    client: (param: ClientParam, thread: Thread) =>
      new ThreadedPingpongClient(param, thread),
  },
});
