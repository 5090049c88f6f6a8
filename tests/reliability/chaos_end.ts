import {
  type DispatchContext,
  INVALID_REACTOR_ID,
  type MsgReader,
  type ReactorID,
  type ReactorReadableContext,
  RuntimeStoppedError,
  SimRandom,
} from "../../mod.ts";
import type { ChaosListener } from "./chaos_listener.ts";
import type { Cmd, Target } from "./command_ledger.ts";
import { ChaosReceiver } from "./chaos_receiver.ts";
import { type Cause, causeOf, Lifecycle } from "./lifecycle.ts";
import type { EndPair } from "./end_pair.ts";
import { ChaosSender } from "./chaos_sender.ts";
import type { ChaosNode } from "./chaos_node.ts";
import type { Stream } from "./stream.ts";
import type { TapOwner, TapSocket } from "./tap.ts";
import { drawConfig, type EndConfig } from "./end_config.ts";
import type { Cluster } from "./cluster.ts";

/** One end of a connection: what it is like, what is known of it, and what can be done with it. */
export abstract class ChaosEnd implements TapOwner, Target {
  readonly cluster: Cluster;
  readonly random: SimRandom;
  readonly config: EndConfig;
  readonly life: Lifecycle = new Lifecycle(this);
  readonly sender: ChaosSender;
  /** Who accepted it, or who listens there when it connects. */
  readonly listener: ChaosListener | undefined;

  reactorId: ReactorID = INVALID_REACTOR_ID;
  ctx!: DispatchContext<Cmd>;
  pair!: EndPair;
  tap!: TapSocket;
  /** What `onConnected` threw. */
  refusal: Cause | undefined = undefined;
  /** Its connect has failed. */
  isGivenUp = false;

  protected readonly receiver: ChaosReceiver;
  protected isPaused = false;
  readonly #name: string;

  /** `server` is where the connection leads to. */
  constructor(
    readonly node: ChaosNode,
    readonly isClient: boolean,
    readonly server: ChaosNode,
  ) {
    this.cluster = node.cluster;
    const number = this.cluster.ends.push(this);
    this.random = new SimRandom(this.cluster.sim.seed * 1000 + number);
    this.config = drawConfig(this.random, this.cluster.workload);
    this.listener = server.listener;
    this.#name = `${isClient ? "client" : "server"} ${number} on ${node.name}`;
    this.sender = new ChaosSender(this);
    this.receiver = new ChaosReceiver(this);
  }

  /** What it sends. */
  get out(): Stream {
    return this.isClient ? this.pair.up : this.pair.down;
  }

  /** What it receives. */
  get in(): Stream {
    return this.isClient ? this.pair.down : this.pair.up;
  }

  /** The ends of its process that can send what it receives, itself among them. */
  get likes(): ChaosEnd[] {
    const { framing } = this.pair;
    return [...this.node.ends].filter((end) => end.pair.framing === framing);
  }

  get reader(): MsgReader {
    return (this.ctx as ReactorReadableContext<Cmd>).reader;
  }

  get isGone(): boolean {
    return this.life.state === "closed";
  }

  get mayBeGone(): boolean {
    return this.isGone;
  }

  get takesCommands(): boolean {
    return this.config.takesCommands;
  }

  /** The connection was opened and is not gone. */
  get isAlive(): boolean {
    return this.life.state === "open" || this.life.state === "closing";
  }

  /** It closes, and its process lives. */
  get isClosing(): boolean {
    return this.life.state === "closing" && !this.node.isDead;
  }

  /** The listener that was there when it connected is there still. */
  get isToBeAccepted(): boolean {
    const { listener } = this.cluster.nodeOn(this.server.name);
    return listener === this.listener && listener?.isServing === true;
  }

  get rests(): boolean {
    return this.isPaused && this.life.isSurelyOpen;
  }

  /** Its queue is so long that it may not read. */
  get isBlocked(): boolean {
    const { sendLowWaterMark } = this.config.options;
    return this.ctx.sender.bytesQueued > sendLowWaterMark;
  }

  toString(): string {
    return this.#name;
  }

  broke(what: string): void {
    this.cluster.broke(`${this}: ${what}`);
  }

  // What its user does.

  close(reason: Error | undefined): void {
    this.life.close(causeOf("a close", reason));
    this.ctx.close(reason);
  }

  abort(reason: Error | undefined): void {
    const wasOpen = this.life.isSurelyOpen;
    this.life.abort(causeOf("an abort", reason));
    this.ctx.abort(reason);
    if (wasOpen && !this.tap.isDestroyed) this.broke("it is not aborted");
  }

  /** A command to close it was sent. */
  mayBeClosed(isAbort: boolean): void {
    const cause = causeOf("a command", undefined);
    if (isAbort) this.life.aborts.push(cause);
    this.life.mayClose(cause);
  }

  foundClosing(): void {
    this.life.foundClosing();
  }

  /** Its runtime is stopped, and will abort it. */
  onStop(): void {
    const cause: Cause = {
      what: "the stop of its runtime",
      isReason: (reason) => reason instanceof RuntimeStoppedError,
    };
    this.life.close(cause);
    this.life.aborts.push(cause);
  }

  pauseReading(): void {
    this.isPaused = true;
    this.tap.onPause();
    this.ctx.pauseReading();
  }

  resumeReading(): void {
    this.isPaused = false;
    this.tap.onResume();
    this.ctx.resumeReading();
  }

  /** A completion of a send of this end is called; `body` looks at it. */
  abstract onCompletion(body: () => void): unknown;

  // What the tap tells.

  onRead(): void {
    if (this.isAlive) this.receiver.check();
  }

  /** Holds whenever nothing happens. */
  check(): void {
    const { sender } = this.ctx;
    const { maxSendQueue } = this.config.options;
    if (sender.bytesQueued > maxSendQueue) {
      this.broke(`${sender.bytesQueued} bytes are queued`);
    }
    if (
      sender.bytesSent !== this.out.handed.position ||
      sender.bytesSent + sender.bytesQueued !== this.out.accepted
    ) {
      this.broke(
        `${sender.bytesSent} bytes are sent and ${sender.bytesQueued} queued: ${this.out}`,
      );
    }
  }
}
