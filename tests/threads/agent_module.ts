// Imports only types from mod.ts: hundreds of threads load this, and spend most
// of their time on loading.
import type {
  CommandOptions,
  ConnectionOptions,
  DispatchContext,
  Reactor,
  ReactorID,
  ReactorThread,
  ReactorUID,
  SocketAddress,
  TcpAddress,
  TcpListenerHandler,
} from "../../mod.ts";
import { MessageResult } from "../../src/api/message_result.ts";
import { DefaultTcpListenerHandler } from "../../src/helpers/default_listener.ts";
import { recordToFile } from "../../src/recording/recording_file.ts";
import { defineReactors } from "../../src/threads/reactor_module.ts";
import { transfer } from "../../src/threads/transfer.ts";
import { SlotMap } from "../../src/util/slot_map.ts";
import { echo, sink } from "./plain_reactors.ts";
import { block } from "../support/block.ts";
import { noted, services } from "./services.ts";

/** A command for an agent: a number to count, the source of a function to run, an item to keep, or the source of the value to return. */
export type AgentCommand =
  | { readonly count: number; readonly of: number }
  | { readonly run: string; readonly id: number; readonly args: unknown[] }
  | { readonly item: unknown }
  | { readonly returns: string };

/** The outcome of a command, as JSON. */
export type AgentOutcome =
  | {
    readonly ok: true;
    readonly reactorId: number;
    readonly port?: number | undefined;
  }
  | {
    readonly ok: false;
    readonly error: string;
    readonly message: string;
    readonly cause?: string | undefined;
  };

/** Runs in a worker what a test asks for, and reports to the test over its connection in lines of JSON. */
export class Agent implements Reactor<AgentCommand> {
  readonly items: unknown[] = [];
  counted = 0;
  ctx!: DispatchContext<AgentCommand>;

  readonly param: { readonly index: number };
  readonly thread: ReactorThread<AgentCommand>;

  constructor(
    param: { readonly index: number },
    thread: ReactorThread<AgentCommand>,
  ) {
    this.param = param;
    this.thread = thread;
  }

  get uid(): ReactorUID {
    const { runtimeId } = this.thread;
    return { runtimeId, reactorId: this.ctx.id };
  }

  onConnected(ctx: DispatchContext<AgentCommand>): void {
    this.ctx = ctx;
    this.tell({ index: this.param.index, uid: this.uid });
  }

  onInboundMessage(buf: Uint8Array): MessageResult {
    return MessageResult.dropMsgSize(buf.length);
  }

  onCommand(command: AgentCommand): unknown {
    if ("returns" in command) {
      const make = new Function("transfer", `return (${command.returns})`);
      return make(transfer);
    }
    if ("count" in command) this.#count(command.count, command.of);
    else if ("item" in command) {
      this.items.push(command.item);
      noted.count++;
      noted.last = command.item;
    } else void this.#run(command.run, command.id, command.args);
    return undefined;
  }

  /** Sends a command to another agent; resolves to its outcome. */
  ask(
    to: ReactorUID,
    command: AgentCommand,
    options: CommandOptions = {},
  ): Promise<AgentOutcome> {
    return outcome((completion) =>
      this.thread.getCmdSender(to.runtimeId).sendUserCmd(
        to.reactorId,
        command,
        { ...options, completion },
      )
    );
  }

  /** Makes the runtime of this thread full, as with 2^20 reactors, or not. */
  setFull(isFull: boolean): void {
    Object.defineProperty(
      SlotMap.prototype,
      "full",
      isFull ? { ...FULL, get: () => true } : FULL,
    );
  }

  /** Counts in another agent up to `of`, as fast as possible. */
  flood(to: ReactorUID, of: number): void {
    const sender = this.thread.getCmdSender(to.runtimeId);
    for (let count = 0; count < of; count++) {
      sender.sendUserCmd(to.reactorId, { count, of });
    }
  }

  /** Keeps this thread busy. */
  block(ms: number): void {
    block(ms);
  }

  tell(report: object): void {
    this.ctx.sendOrQueue(
      new TextEncoder().encode(JSON.stringify(report) + "\n"),
    );
  }

  #count(count: number, of: number): void {
    if (count !== this.counted) {
      this.tell({ counted: `${count} instead of ${this.counted}` });
    }
    this.counted++;
    if (this.counted === of) this.tell({ counted: of });
  }

  async #run(source: string, id: number, args: unknown[]): Promise<void> {
    try {
      const run = new Function(`return (${source})`)();
      this.tell({ id, value: await run(this, ...args) ?? null });
    } catch (error) {
      this.tell({ id, error: String(error) });
    }
  }
}

const FULL = Object.getOwnPropertyDescriptor(SlotMap.prototype, "full")!;

/** The outcome of a command of any kind. */
type SomeResult =
  | { ok: true; reactorId: ReactorID; localAddress?: SocketAddress }
  | { ok: false; error: Error };

/** Sends a command with `send`; resolves to its outcome. */
export function outcome(
  send: (completion: (result: SomeResult) => void) => unknown,
): Promise<AgentOutcome> {
  return new Promise((resolve) =>
    send((result) =>
      resolve(
        result.ok
          ? {
            ok: true,
            reactorId: result.reactorId,
            port: (result.localAddress as TcpAddress | undefined)?.port,
          }
          : {
            ok: false,
            error: result.error.name,
            message: result.error.message,
            cause: (result.error.cause as Error | undefined)?.message,
          },
      )
    )
  );
}

/** A wrong factory: it returns a promise, which rejects. */
const rejects = (async (_param: undefined) => {
  await null;
  throw new RangeError("the factory rejects");
}) as unknown as () => never;

export default defineReactors({
  reactors: {
    agent: (
      param: { readonly index: number },
      thread: ReactorThread<AgentCommand>,
    ) => new Agent(param, thread),
    sink: () => sink<AgentCommand>(),
    rejects,
    broken: (_param: undefined): Reactor<AgentCommand> => {
      throw new RangeError("the factory does not work");
    },
  },
  listeners: {
    echo: () =>
      new DefaultTcpListenerHandler<AgentCommand>(() => echo<AgentCommand>()),
    param: (param: { readonly bytes: Uint8Array }) => {
      if (param.bytes.buffer.byteLength !== 2) throw new RangeError("too much");
      return new DefaultTcpListenerHandler<AgentCommand>(() => echo());
    },
    /** Echoes, and records each connection. */
    recorded: (param: { readonly folder: string }, { runtimeId }) => {
      let count = 0;
      const record = recordToFile(() =>
        `${param.folder}/${runtimeId}.${++count}.rec`
      );
      return new DefaultTcpListenerHandler<AgentCommand>(
        () => echo<AgentCommand>(),
        { record },
      );
    },
    /** Greets with a byte, then echoes. */
    greeting: (limits: ConnectionOptions) =>
      new DefaultTcpListenerHandler<AgentCommand>(() => ({
        ...echo<AgentCommand>(),
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
      }), limits),
    startThrows: (_param: undefined): TcpListenerHandler<AgentCommand> => ({
      onStartListen: () => {
        throw new RangeError("onStartListen does not work");
      },
      onNewConnection: () => null,
    }),
    rejects,
    notHandlers: () => ({}) as never,
  },
  services,
  onStart: (thread) => startAs(thread),
});

/** Starts a worker in the way that a name asks for, so that a test can decide how a restarted one starts. */
function startAs(thread: ReactorThread): Promise<void> | void {
  if (thread.findByName("onStart fails") !== undefined) {
    throw new RangeError("it does not start again");
  }
  if (thread.findByName("onStart hangs") !== undefined) {
    return new Promise(() => {});
  }
  if (thread.findByName("onStart loops") !== undefined) block(15_000);
}
