import {
  type CmdSender,
  type DispatchContext,
  HandlerError,
  INVALID_REACTOR_ID,
  type MessageResult,
  type Reactor,
  type ReactorID,
  type ReactorReadableContext,
} from "../../mod.ts";
import type { Cmd } from "./command_ledger.ts";
import { End } from "./end.ts";
import type { Cause } from "./lifecycle.ts";
import type { Site } from "./site.ts";

/**
 * A reactor that does at random moments what a reactor may do, and holds the
 * runtime to what it promises.
 */
export class ChaosReactor extends End implements Reactor<Cmd> {
  readonly onReadable?: (ctx: ReactorReadableContext<Cmd>) => void;
  readonly onPeerEnd?: (ctx: DispatchContext<Cmd>) => void;
  readonly onCommand?: (cmd: Cmd, ctx: DispatchContext<Cmd>) => void;

  constructor(site: Site, isClient: boolean, server: Site) {
    super(site, isClient, server);
    const { reading, outlivesPeer, takesCommands } = this.traits;
    if (reading !== "plain") this.onReadable = (ctx) => this.#onReadable(ctx);
    if (outlivesPeer) this.onPeerEnd = () => this.#onPeerEnd();
    if (takesCommands) this.onCommand = (cmd) => this.#onCommand(cmd);
  }

  onConnected(ctx: DispatchContext<Cmd>, listenerId: ReactorID): unknown {
    this.ctx = ctx;
    this.tap = this.site.tapOf(ctx.socket);
    this.tap.owner = this;
    const { localAddress, remoteAddress } = this.tap;
    this.link = this.world.linkTo(
      this.server.name,
      this.isClient ? localAddress : remoteAddress,
    );
    this.link.join(this);
    if (this.isGivenUp) this.broke("it was connected after its connect failed");
    const expected = this.isClient
      ? INVALID_REACTOR_ID
      : this.listener?.reactorId;
    if (listenerId !== expected) {
      this.broke(`it was accepted by ${listenerId}`);
    }
    this.world.sim.log(`${this}: onConnected`);
    this.life.onConnected();
    this.reactorId = ctx.id;
    this.site.onConnected(this);
    return this.#handle("onConnected", () => {
      // Enough to have something to talk about.
      for (let i = this.random.integer(0, 3); i > 0; i--) this.outbox.send();
    });
  }

  onInboundMessage(
    buf: Uint8Array,
    ctx: DispatchContext<Cmd>,
    newBytes: number,
    decodedMsgSize: number,
  ): MessageResult {
    if (ctx !== this.ctx) this.broke("the context is another one");
    if (this.isPaused) this.broke("a message was handed out in a pause");
    if (this.traits.reading !== "plain") {
      this.life.enter("onInboundMessage");
      return this.inbox.onMessage(buf, newBytes, decodedMsgSize);
    }
    let result = 0 as MessageResult;
    this.#handle("onInboundMessage", () => {
      result = this.inbox.onMessage(buf, newBytes, decodedMsgSize);
    });
    return result;
  }

  onClose(
    reactorId: ReactorID,
    _cmdSender: CmdSender<Cmd>,
    reason: Error | undefined,
  ): unknown {
    return this.site.inHandler(`onClose of ${this}`, () => {
      if (reactorId !== this.reactorId) this.broke(`its id is ${reactorId}`);
      this.life.onClose(reason);
      this.outbox.ledger.onClose(reason);
      this.site.onClosed(this);
      return this.#act("onClose");
    });
  }

  /** A completion of a send of this end is called. */
  onCompletion(body: () => void): unknown {
    return this.site.inHandler(`a completion of ${this}`, () => {
      body();
      return this.#act("a completion");
    });
  }

  #onReadable(ctx: ReactorReadableContext<Cmd>): unknown {
    return this.#handle("onReadable", () => {
      const isPut = this.world.isTroubled && this.random.chance(0.1);
      if (isPut) this.pauseReading(); // it is read when it goes on
      else this.inbox.read(ctx, this);
    });
  }

  #onPeerEnd(): unknown {
    return this.#handle("onPeerEnd", () => {
      if (this.random.chance(0.6)) this.close(undefined);
    });
  }

  #onCommand(cmd: Cmd): unknown {
    return this.#handle(
      "onCommand",
      () => this.site.commands.carryOut(cmd, this),
    );
  }

  /** A handler is called: does what is to be done, acts, and maybe throws. */
  #handle(name: string, body: () => void): unknown {
    return this.site.inHandler(`${name} of ${this}`, () => {
      this.life.enter(name);
      body();
      return this.life.state === "open" ? this.#act(name) : undefined;
    });
  }

  /** Acts for a while, then maybe throws, or returns a promise that rejects. */
  #act(name: string): unknown {
    if (!this.world.isTroubled) return undefined;
    const { activity, throwing } = this.world.ground.temper;
    while (this.random.chance(activity)) {
      this.world.act(this.site, this.random, this);
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
      return Promise.reject(thrown);
    }
    if (name === "onConnected") this.refusal = cause;
    if (name === "onCommand") this.site.commands.onThrown(cause);
    if (name !== "onClose") this.life.close(cause);
    throw thrown;
  }
}
