import {
  type DispatchContext,
  INVALID_REACTOR_ID,
  type MsgReader,
  type ReactorID,
  type ReactorReadableContext,
  RuntimeStoppedError,
  SimRandom,
  type Simulation,
  type SocketAddress,
  type TcpSocket,
} from "../../mod.ts";
import type { Cmd, CommandLedger, Target } from "./command_ledger.ts";
import { ChaosReceiver, type ReceivingEnd } from "./chaos_receiver.ts";
import { type Cause, causeOf, Lifecycle, type LivingEnd } from "./lifecycle.ts";
import type { ClosingEnd } from "./refute.ts";
import type { EndPair, PairedEnd } from "./end_pair.ts";
import { ChaosSender, type SendingEnd } from "./chaos_sender.ts";
import type { Stream } from "./stream.ts";
import type { TapOwner, TapSocket } from "./tap.ts";
import { drawConfig, type EndConfig } from "./end_config.ts";
import type { Workload } from "./workloads.ts";

/** The run that an end belongs to. */
export interface EndCluster {
  readonly sim: Simulation;
  readonly workload: Workload;
  /** All ends, including closed ones. */
  readonly ends: ChaosEnd[];
  /** True while actions are performed and faults injected. */
  readonly isDisrupted: boolean;
  /** The hosts on which a process was started. */
  readonly hostNames: readonly string[];
  /** The process that is running on a host, or ran last. */
  nodeOn(host: string): EndNode;
  /** The connection to a host from the address `client`. */
  pairTo(host: string, client: SocketAddress): EndPair;
  /**
   * Performs an action on `node`, unless there were enough. `end` is the one
   * whose handler is running.
   */
  act(node: EndNode, random: SimRandom, end?: ChaosEnd): void;
  /** Reports a broken promise. */
  broke(what: string): void;
}

/** The node that an end lives on, or connects to. */
export interface EndNode {
  readonly name: string;
  readonly cluster: EndCluster;
  readonly listener: EndListener | undefined;
  readonly commands: CommandLedger<ChaosEnd>;
  /** The open connections. */
  readonly ends: ReadonlySet<ChaosEnd>;
  readonly isDead: boolean;
  now(): number;
  /** The tap on a socket of a reactor. */
  tapOf(socket: TcpSocket): TapSocket;
  /** Runs a handler. */
  inHandler<T>(name: string, body: () => T): T;
  onConnected(end: ChaosEnd): void;
  onClosed(end: ChaosEnd): void;
}

/** The listener that accepts an end. */
export interface EndListener {
  readonly reactorId: ReactorID;
  /** True if it has accepted the connection, or will. */
  readonly isServing: boolean;
  /** Called when an end that it accepted has closed. */
  onEndClosed(): void;
}

/** A command to an end. */
export type EndCmd = Cmd<ChaosEnd>;

/**
 * One end of a connection: its configuration, what is known about it, and what
 * it can do.
 */
export abstract class ChaosEnd
  implements
    TapOwner,
    Target,
    LivingEnd,
    ClosingEnd,
    PairedEnd,
    SendingEnd,
    ReceivingEnd {
  readonly node: EndNode;
  readonly isClient: boolean;
  /** The node that the connection leads to. */
  readonly server: EndNode;
  readonly cluster: EndCluster;
  readonly random: SimRandom;
  readonly config: EndConfig;
  readonly life: Lifecycle = new Lifecycle(this);
  readonly sender: ChaosSender;
  /** The listener that accepted it, or that listens at the other end when it connects. */
  readonly listener: EndListener | undefined;

  reactorId: ReactorID = INVALID_REACTOR_ID;
  ctx!: DispatchContext<EndCmd>;
  pair!: EndPair;
  tap!: TapSocket;
  /** The error thrown by `onConnected`. */
  refusal: Cause | undefined = undefined;
  /** True if its connect has failed. */
  isGivenUp = false;

  protected readonly receiver: ChaosReceiver;
  protected isPaused = false;
  readonly #name: string;

  /** `server` is the node that the connection leads to. */
  constructor(node: EndNode, isClient: boolean, server: EndNode) {
    this.node = node;
    this.isClient = isClient;
    this.server = server;
    this.cluster = node.cluster;
    const number = this.cluster.ends.push(this);
    this.random = new SimRandom(this.cluster.sim.seed * 1000 + number);
    this.config = drawConfig(this.random, this.cluster.workload);
    this.listener = server.listener;
    this.#name = `${isClient ? "client" : "server"} ${number} on ${node.name}`;
    this.sender = new ChaosSender(this);
    this.receiver = new ChaosReceiver(this);
  }

  /** The stream that it sends. */
  get out(): Stream {
    return this.isClient ? this.pair.up : this.pair.down;
  }

  /** The stream that it receives. */
  get in(): Stream {
    return this.isClient ? this.pair.down : this.pair.up;
  }

  get echoSenders(): ChaosSender[] {
    const { framing } = this.pair;
    return [...this.node.ends]
      .filter((end) => end.pair.framing === framing)
      .map((end) => end.sender);
  }

  get isEndedByPeer(): boolean {
    return this.pair.isEndedByPeer(this);
  }

  get canBeLost(): boolean {
    return this.pair.canLose(this);
  }

  get reader(): MsgReader {
    return (this.ctx as ReactorReadableContext<EndCmd>).reader;
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

  /** True if the connection is open or closing. */
  get isAlive(): boolean {
    return this.life.state === "open" || this.life.state === "closing";
  }

  /** True if it is closing, and its process is alive. */
  get isClosing(): boolean {
    return this.life.state === "closing" && !this.node.isDead;
  }

  get isToBeAccepted(): boolean {
    const { listener } = this.cluster.nodeOn(this.server.name);
    return listener === this.listener && listener?.isServing === true;
  }

  get rests(): boolean {
    return this.isPaused && this.life.isSurelyOpen;
  }

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

  // Called by its user.

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

  /** Called when a command to close it was sent. */
  mayBeClosed(isAbort: boolean): void {
    const cause = causeOf("a command", undefined);
    if (isAbort) this.life.aborts.push(cause);
    this.life.mayClose(cause);
  }

  foundClosing(): void {
    this.life.foundClosing();
  }

  /** Called when its runtime is stopped, which will abort it. */
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

  /**
   * Called for a completion of a send of this end. `body` checks the result.
   */
  abstract onCompletion(body: () => void): unknown;

  // Called by the tap.

  onRead(): void {
    if (this.isAlive) this.receiver.check();
  }

  /** Checks the invariants that hold between events. */
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
