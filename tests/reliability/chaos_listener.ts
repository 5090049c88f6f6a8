import {
  INVALID_REACTOR_ID,
  type NewStreamConnection,
  type ReactorID,
  RuntimeStoppedError,
  type SimRandom,
  type TcpListenerHandler,
  type TcpListening,
} from "../../mod.ts";
import { ChaosReactor } from "./chaos_reactor.ts";
import type { Cmd, Target } from "./command_ledger.ts";
import type { Site } from "./chaos_node.ts";

/** A listener that refuses at random, and counts what it accepts. */
export class ChaosListener implements TcpListenerHandler<Cmd>, Target {
  state: "binding" | "open" | "closed" | "failed" = "binding";
  reactorId: ReactorID = INVALID_REACTOR_ID;
  /** What `onStartListen` threw. */
  refusal: Error | undefined = undefined;
  readonly maxConnections: number;
  readonly #site: Site;
  readonly #random: SimRandom;
  #countOpen = 0;
  /** It was asked to close. */
  #mayClose = false;
  #hasMissed = false;

  constructor(site: Site, random: SimRandom) {
    this.#site = site;
    this.#random = random;
    const { isTight } = site.world.ground.temper;
    this.maxConnections = isTight && random.chance(0.2)
      ? random.integer(1, 3)
      : 65536;
  }

  /** It has come to an end, or never began. */
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

  /** It has accepted, or will accept, what came. */
  get isServing(): boolean {
    return this.state === "open" && !this.#mayClose && !this.#hasMissed &&
      this.#site.isUp;
  }

  /** A connection was lost before it could be accepted. */
  onMissed(): void {
    this.#hasMissed = true;
  }

  onStartListen(reactorId: ReactorID): void {
    this.#site.inHandler("onStartListen", () => {
      this.reactorId = reactorId;
      this.#expect("onStartListen", "binding");
      this.state = "open";
      this.#site.took(this);
      if (this.#isMoody) throw this.refusal = new Error("no wish to listen");
    });
  }

  onNewConnection(
    listening: TcpListening,
  ): NewStreamConnection<Cmd> | null {
    return this.#site.inHandler("onNewConnection", () => {
      this.#expect("onNewConnection", "open");
      const { id, connectionCount } = listening;
      if (id !== this.reactorId) this.#broke(`its id is ${id}`);
      if (connectionCount !== this.#countOpen) {
        this.#broke(`it counts ${connectionCount} of ${this.#countOpen} ends`);
      }
      if (connectionCount >= this.maxConnections) {
        this.#broke("it accepts beyond maxConnections");
      }
      if (this.#isMoody) return null;
      if (this.#isMoody) throw new Error("no wish to accept");
      this.#countOpen++;
      const reactor = new ChaosReactor(this.#site, false, this.#site);
      return { reactor, ...reactor.traits.options };
    });
  }

  onCloseListen(
    reactorId: ReactorID,
    _cmdSender: unknown,
    reason: Error | undefined,
  ): void {
    this.#site.inHandler("onCloseListen", () => {
      this.#expect("onCloseListen", "open");
      this.state = "closed";
      if (reactorId !== this.reactorId) this.#broke(`its id is ${reactorId}`);
      const isRight = reason === undefined
        ? this.#mayClose
        : reason === this.refusal ||
          (reason instanceof RuntimeStoppedError && this.#site.isStopping);
      if (!isRight) this.#broke(`it closed ${reason ?? "without a reason"}`);
    });
  }

  /** Its listen has failed. */
  onFailed(): void {
    if (this.state === "binding") this.state = "failed";
  }

  /** An end that it accepted is gone. */
  onEndClosed(): void {
    this.#countOpen--;
  }

  get #isMoody(): boolean {
    const { throwing } = this.#site.world.ground.temper;
    return this.#site.world.isTroubled && this.#random.chance(throwing);
  }

  #expect(name: string, state: string): void {
    if (this.state !== state) this.#broke(`${name} when it is ${this.state}`);
  }

  #broke(what: string): void {
    this.#site.world.broke(`the listener of ${this.#site.name}: ${what}`);
  }
}
