import {
  type DispatchContext,
  HandlerError,
  INVALID_REACTOR_ID,
  type MessageResult,
  type Reactor,
  type ReactorID,
  type ReactorReadableContext,
} from "../../mod.ts";
import { ChaosEnd, type EndCmd, type EndNode } from "./chaos_end.ts";
import type { Cause } from "./lifecycle.ts";
import { refute } from "./refute.ts";

/**
 * A reactor that does everything a reactor may do at random moments, and checks
 * the promises of the runtime.
 */
export class ChaosReactor extends ChaosEnd implements Reactor<EndCmd> {
  readonly onReadable?: (ctx: ReactorReadableContext<EndCmd>) => void;
  readonly onPeerEnd?: (ctx: DispatchContext<EndCmd>) => void;
  readonly onCommand?: (cmd: EndCmd, ctx: DispatchContext<EndCmd>) => void;

  constructor(node: EndNode, isClient: boolean, server: EndNode) {
    super(node, isClient, server);
    const { reading, outlivesPeer, takesCommands } = this.config;
    if (reading !== "plain") this.onReadable = (ctx) => this.#onReadable(ctx);
    if (outlivesPeer) this.onPeerEnd = () => this.#onPeerEnd();
    if (takesCommands) this.onCommand = (cmd) => this.#onCommand(cmd);
  }

  onConnected(ctx: DispatchContext<EndCmd>, listenerId: ReactorID): unknown {
    this.ctx = ctx;
    this.tap = this.node.tapOf(ctx.socket);
    this.tap.owner = this;
    const { localAddress, remoteAddress } = this.tap;
    this.pair = this.cluster.pairTo(
      this.server.name,
      this.isClient ? localAddress : remoteAddress,
    );
    this.pair.join(this);
    if (this.isGivenUp) this.broke("it was connected after its connect failed");
    const expected = this.isClient
      ? INVALID_REACTOR_ID
      : this.listener?.reactorId;
    if (listenerId !== expected) {
      this.broke(`it was accepted by ${listenerId}`);
    }
    this.cluster.sim.log(`${this}: onConnected`);
    this.life.onConnected();
    this.reactorId = ctx.id;
    this.node.onConnected(this);
    return this.#handle("onConnected", () => {
      // Generates traffic.
      for (let i = this.random.integer(0, 3); i > 0; i--) this.sender.send();
    });
  }

  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<EndCmd>,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    if (ctx !== this.ctx) this.broke("the context is another one");
    if (this.isPaused) this.broke("a message was handed out in a pause");
    if (this.config.reading !== "plain") {
      this.life.enter("onInboundMessage");
      return this.receiver.onMessage(buf, newBytes, decodedMsgSize);
    }
    let result = 0 as MessageResult;
    this.#handle("onInboundMessage", () => {
      result = this.receiver.onMessage(buf, newBytes, decodedMsgSize);
    });
    return result;
  }

  onClose(reason: Error | undefined, ctx: DispatchContext<EndCmd>): unknown {
    return this.node.inHandler(`onClose of ${this}`, () => {
      if (ctx.id !== this.reactorId) this.broke(`its id is ${ctx.id}`);
      const objection = refute(this, reason);
      if (objection !== undefined) {
        this.broke(
          `it closed ${reason ?? "without a reason"}, but ${objection}`,
        );
      }
      this.life.onClose();
      this.sender.ledger.onClose(reason);
      this.node.onClosed(this);
      return this.#act("onClose");
    });
  }

  /** Called for a completion of a send of this end. */
  onCompletion(body: () => void): unknown {
    return this.node.inHandler(`a completion of ${this}`, () => {
      body();
      return this.#act("a completion");
    });
  }

  #onReadable(ctx: ReactorReadableContext<EndCmd>): unknown {
    return this.#handle("onReadable", () => {
      const isPostponed = this.cluster.isDisrupted && this.random.chance(0.1);
      if (isPostponed) this.pauseReading(); // read after the pause
      else this.receiver.read(ctx, this);
    });
  }

  #onPeerEnd(): unknown {
    return this.#handle("onPeerEnd", () => {
      if (this.random.chance(0.6)) this.close(undefined);
    });
  }

  #onCommand(cmd: EndCmd): unknown {
    return this.#handle(
      "onCommand",
      () => this.node.commands.execute(cmd, this),
    );
  }

  /** Handles a call: runs `body`, acts, and maybe throws. */
  #handle(name: string, body: () => void): unknown {
    return this.node.inHandler(`${name} of ${this}`, () => {
      this.life.enter(name);
      body();
      return this.life.state === "open" ? this.#act(name) : undefined;
    });
  }

  /** Acts for a while, then maybe throws, or returns a promise that rejects. */
  #act(name: string): unknown {
    if (!this.cluster.isDisrupted) return undefined;
    const { activity, throwing } = this.cluster.workload.profile;
    while (this.random.chance(activity)) {
      this.cluster.act(this.node, this.random, this);
    }
    return this.random.chance(throwing) ? this.#throw(name) : undefined;
  }

  #throw(name: string): unknown {
    const thrown = this.random.chance(0.8)
      ? new Error(`thrown by ${name} of ${this}`)
      : `thrown by ${name} of ${this}`;
    const cause: Cause = {
      what: `what ${name} threw`,
      isReason: (reason) =>
        reason === thrown ||
        (reason instanceof HandlerError && reason.cause === thrown),
    };
    if (name !== "onInboundMessage" && this.random.chance(0.2)) {
      this.life.mayClose(cause);
      if (name === "onCommand") this.node.commands.onRejecting(cause);
      return Promise.reject(thrown);
    }
    if (name === "onConnected") this.refusal = cause;
    if (name === "onCommand") this.node.commands.onThrown(cause);
    if (name !== "onClose") this.life.close(cause);
    throw thrown;
  }
}
