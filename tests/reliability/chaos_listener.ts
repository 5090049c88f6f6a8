import {
  type AcceptedConnection,
  INVALID_REACTOR_ID,
  type ListenerContext,
  type ReactorID,
  RuntimeStoppedError,
  type SimRandom,
  type TcpListenerHandler,
} from "../../mod.ts";
import { ChaosReactor } from "./chaos_reactor.ts";
import type { EndCmd, EndListener, EndNode } from "./chaos_end.ts";
import type { Target } from "./command_ledger.ts";

/** The node that a listener lives on. */
export interface ListenerNode extends EndNode {
  /** True if it is running and accepts new work. */
  readonly isUp: boolean;
  readonly isStopping: boolean;
  /** Called when a reactor or listener has its id. */
  register(target: Target): void;
}

/** A listener that refuses at random, and counts what it accepts. */
export class ChaosListener
  implements TcpListenerHandler<EndCmd>, EndListener, Target {
  state: "binding" | "open" | "closed" | "failed" = "binding";
  reactorId: ReactorID = INVALID_REACTOR_ID;
  /** The error thrown by `onStartListen`. */
  refusal: Error | undefined = undefined;
  readonly maxConnections: number;
  readonly #node: ListenerNode;
  readonly #random: SimRandom;
  #openCount = 0;
  /** True if it was asked to close. */
  #mayClose = false;
  #hasMissed = false;

  constructor(node: ListenerNode, random: SimRandom) {
    this.#node = node;
    this.#random = random;
    const { isTight } = node.cluster.workload.profile;
    this.maxConnections = isTight && random.chance(0.2)
      ? random.integer(1, 3)
      : 65536;
  }

  /** True if it is closed, or never listened. */
  get isOver(): boolean {
    return this.state === "closed" || this.state === "failed";
  }

  get isGone(): boolean {
    return this.state === "closed";
  }

  get mayBeGone(): boolean {
    return this.isGone || this.#mayClose;
  }

  get takesCommands(): boolean {
    return false;
  }

  mayBeClosed(): void {
    this.#mayClose = true;
  }

  foundClosing(): void {
    this.#broke("a command found it closing");
  }

  get isServing(): boolean {
    return this.state === "open" && !this.#mayClose && !this.#hasMissed &&
      this.#node.isUp;
  }

  /** Called for a connection that was lost before it was accepted. */
  onMissed(): void {
    this.#hasMissed = true;
  }

  onStartListen(listener: ListenerContext): void {
    this.#node.inHandler("onStartListen", () => {
      this.reactorId = listener.id;
      this.#expect("onStartListen", "binding");
      this.state = "open";
      this.#node.register(this);
      if (this.#refuses) throw this.refusal = new Error("refused to listen");
    });
  }

  onNewConnection(
    listening: ListenerContext,
  ): AcceptedConnection<EndCmd> | null {
    return this.#node.inHandler("onNewConnection", () => {
      this.#expect("onNewConnection", "open");
      const { id, connectionCount } = listening;
      if (id !== this.reactorId) this.#broke(`its id is ${id}`);
      if (connectionCount !== this.#openCount) {
        this.#broke(`it counts ${connectionCount} of ${this.#openCount} ends`);
      }
      if (connectionCount >= this.maxConnections) {
        this.#broke("it accepts beyond maxConnections");
      }
      if (this.#refuses) return null;
      if (this.#refuses) throw new Error("refused to accept");
      this.#openCount++;
      const reactor = new ChaosReactor(this.#node, false, this.#node);
      return { reactor, ...reactor.config.options };
    });
  }

  onCloseListen(
    reason: Error | undefined,
    listener: ListenerContext,
  ): void {
    this.#node.inHandler("onCloseListen", () => {
      this.#expect("onCloseListen", "open");
      this.state = "closed";
      if (listener.id !== this.reactorId) {
        this.#broke(`its id is ${listener.id}`);
      }
      const isRight = reason === undefined
        ? this.#mayClose
        : reason === this.refusal ||
          (reason instanceof RuntimeStoppedError && this.#node.isStopping);
      if (!isRight) this.#broke(`it closed ${reason ?? "without a reason"}`);
    });
  }

  /** Called when its listen has failed. */
  onFailed(): void {
    if (this.state === "binding") this.state = "failed";
  }

  onEndClosed(): void {
    this.#openCount--;
  }

  get #refuses(): boolean {
    const { throwing } = this.#node.cluster.workload.profile;
    return this.#node.cluster.isDisrupted && this.#random.chance(throwing);
  }

  #expect(name: string, state: string): void {
    if (this.state !== state) this.#broke(`${name} when it is ${this.state}`);
  }

  #broke(what: string): void {
    this.#node.cluster.broke(`the listener of ${this.#node.name}: ${what}`);
  }
}
