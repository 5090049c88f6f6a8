/**
 * The two ends as reactors, each of which has a name and finds the other by it.
 */

import {
  type CommandCompletion,
  DefaultTcpListenerHandler,
  defineReactors,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactorThread,
} from "../../mod.ts";
import { CheckingEnd, MeasuringEnd, type Plan } from "./ends.ts";
import { writeReport } from "./report.ts";
import type { Link } from "./link.ts";

/** The task of the reactors. */
export interface ReactorSetup {
  readonly plan: Plan;
  /**
   * True if every command has a completion: then a round ends when all have
   * been called.
   */
  readonly hasCompletions: boolean;
  /** Where the measuring reactor writes its result. */
  readonly report: SharedArrayBuffer;
}

const HELLO = new Uint8Array(1);

abstract class EndReactor implements Reactor {
  protected readonly thread: ReactorThread;
  protected readonly setup: ReactorSetup;

  constructor(setup: ReactorSetup, thread: ReactorThread) {
    this.setup = setup;
    this.thread = thread;
  }

  /** Called when the other reactor has its name. */
  protected abstract onHello(ctx: DispatchContext): void;

  abstract onCommand(cmd: unknown): void;

  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext,
  ): MessageResult {
    this.onHello(ctx);
    return MessageResult.dropMsgSize(buf.length);
  }

  /** Takes a name, and notifies the other reactor. */
  protected async introduce(name: string, ctx: DispatchContext): Promise<void> {
    const { runtimeId } = this.thread;
    await this.thread.addName(name, { runtimeId, reactorId: ctx.id });
    ctx.sendOrQueue(HELLO);
  }

  /**
   * Creates a link to the reactor called `name`. `onCompleted` is called when
   * all sent commands are completed.
   */
  protected linkTo(name: string, onCompleted = () => {}): Link {
    const { runtimeId, reactorId } = this.thread.findByName(name)!;
    const sender = this.thread.getCmdSender(runtimeId);
    if (!this.setup.hasCompletions) {
      return {
        countUncompleted: 0,
        send: (cmd) => void sender.sendUserCmd(reactorId, cmd),
        flush() {},
      };
    }
    let countUncompleted = 0;
    const completion: CommandCompletion = (result) => {
      if (!result.ok) setImmediate(() => Promise.reject(result.error));
      if (--countUncompleted === 0) onCompleted();
    };
    return {
      get countUncompleted() {
        return countUncompleted;
      },
      send(cmd) {
        countUncompleted++;
        sender.sendUserCmd(reactorId, cmd, { completion });
      },
      flush() {},
    };
  }
}

class SendingReactor extends EndReactor {
  readonly #end = new MeasuringEnd(
    this.setup.plan,
    (values) => writeReport(this.setup.report, values),
  );

  onConnected(ctx: DispatchContext): void {
    void this.introduce("sender", ctx);
  }

  onCommand(cmd: unknown): void {
    this.#end.receive(cmd);
  }

  protected onHello(): void {
    this.#end.start(this.linkTo("receiver", () => this.#end.endRound()));
  }
}

class ReceivingReactor extends EndReactor {
  readonly #end = new CheckingEnd(this.setup.plan);

  onCommand(cmd: unknown): void {
    this.#end.receive(cmd);
  }

  protected onHello(ctx: DispatchContext): void {
    this.#end.start(this.linkTo("sender"));
    void this.introduce("receiver", ctx);
  }
}

export default defineReactors({
  reactors: {
    sender: (setup: ReactorSetup, thread: ReactorThread) =>
      new SendingReactor(setup, thread),
  },
  listeners: {
    receiver: (setup: ReactorSetup, thread: ReactorThread) =>
      new DefaultTcpListenerHandler(() => new ReceivingReactor(setup, thread)),
  },
});
