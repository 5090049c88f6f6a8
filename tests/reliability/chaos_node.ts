import {
  type ReactorID,
  ReactRuntime,
  type SimHost,
  type SimRandom,
  type TcpSocket,
} from "../../mod.ts";
import type { ChaosListener } from "./chaos_listener.ts";
import {
  type CommandedNode,
  CommandLedger,
  NOBODY,
  type Target,
} from "./command_ledger.ts";
import { leftIn } from "../support/leftovers.ts";
import type { ChaosEnd, EndCluster, EndCmd } from "./chaos_end.ts";
import { connect, listen, type OpeningNode } from "./opening.ts";
import { TapAdapter, type TapSocket } from "./tap.ts";

/**
 * How much longer than its grace time a stop may take, in milliseconds: the
 * process may be frozen during that time.
 */
const STOP_MARGIN_MS = 10_000;
const GRACES_MS = [0, 1, 50, 500, 5000];

/**
 * A process: a runtime on a host with everything that belongs to it, until it
 * crashes or is stopped.
 */
export class ChaosNode implements CommandedNode, OpeningNode {
  readonly cluster: EndCluster;
  readonly name: string;
  readonly runtime: ReactRuntime<EndCmd>;
  readonly commands: CommandLedger<ChaosEnd> = new CommandLedger(this);
  /** The open connections. */
  readonly ends = new Set<ChaosEnd>();
  listener: ChaosListener | undefined = undefined;
  isDead = false;
  isStopping = false;
  isStopped = false;
  /** True if commands wait for `processEvents`. */
  isPolled = false;

  readonly #adapter: TapAdapter;
  readonly #host: SimHost;
  /** The targets of commands: open and closed ones. */
  readonly #targets: Target[] = [NOBODY];
  readonly #ids = new Set<ReactorID>();
  #handler: string | undefined = undefined;
  #callCount = 0;
  #stopLimit = Infinity;

  constructor(cluster: EndCluster, host: SimHost) {
    this.cluster = cluster;
    this.name = host.name;
    this.#host = host;
    const adapter = this.#adapter = new TapAdapter(host.adapter, {
      onAccept: ({ remoteAddress }) => {
        cluster.pairTo(this.name, remoteAddress).isAccepted = true;
      },
      onMissed: () => this.listener?.onMissed(),
    });
    this.runtime = new ReactRuntime({ adapter });
  }

  /** The tap on a socket of a reactor. */
  tapOf(socket: TcpSocket): TapSocket {
    return this.#adapter.wrapperOf(socket);
  }

  now(): number {
    return this.runtime.adapter.clock.now();
  }

  get isUp(): boolean {
    return !this.isDead && !this.isStopping;
  }

  /** True if everything it was asked to do is done. */
  get isSettled(): boolean {
    return this.isDead || (
      this.#callCount === 0 && this.commands.isSettled &&
      this.cluster.ends.every((end) =>
        end.node !== this || end.isAlive || end.sender.ledger.isSettled
      )
    );
  }

  broke(what: string): void {
    this.cluster.broke(`${this.name}: ${what}`);
  }

  /**
   * Runs a handler. The runtime must call one at a time, and none from inside a
   * call to it.
   */
  inHandler<T>(name: string, body: () => T): T {
    if (this.isDead) this.broke(`${name} was called after the crash`);
    if (this.#handler !== undefined) {
      this.broke(`${name} was called inside ${this.#handler}`);
    }
    this.#handler = name;
    try {
      return body();
    } finally {
      this.#handler = undefined;
    }
  }

  /** Checks the invariants that hold between events. */
  check(): void {
    if (this.isDead) return;
    for (const end of this.ends) end.check();
    if (this.now() > this.#stopLimit) this.broke("its stop takes too long");
  }

  // Ends and listeners.

  register(target: Target): void {
    const { reactorId } = target;
    if (this.#ids.has(reactorId)) this.broke(`${reactorId} was given twice`);
    this.#ids.add(reactorId);
    this.#targets.push(target);
  }

  onConnected(end: ChaosEnd): void {
    this.register(end);
    this.ends.add(end);
  }

  onClosed(end: ChaosEnd): void {
    this.ends.delete(end);
    if (!end.isClient) end.listener?.onEndClosed();
  }

  // Called by its user.

  /** Starts to listen, and maybe to poll. */
  begin(random: SimRandom): void {
    listen(this, random);
    if (!random.chance(0.15)) return;
    this.#poll(random).catch((error) => this.broke(`polling failed: ${error}`));
  }

  /** Sends a command to an open or closed reactor. */
  command(random: SimRandom, effect: (end: ChaosEnd) => void): void {
    const target = this.#pickTarget(random);
    const { cmdSender } = this.runtime;
    this.commands.send(
      random,
      { what: "user", target },
      (options, command) =>
        cmdSender.sendUserCmd(target.reactorId, { command, effect }, options),
    );
  }

  /** Sends a command to close an open or closed reactor or listener. */
  sendClose(random: SimRandom, target = this.#pickTarget(random)): void {
    const { cmdSender } = this.runtime;
    const abort = random.chance(0.3);
    target.mayBeClosed(abort);
    this.commands.send(
      random,
      { what: "close", target },
      (options) => cmdSender.sendClose(target.reactorId, { ...options, abort }),
    );
  }

  /** Stops the runtime, which must finish in time and then be empty. */
  stop(random: SimRandom): void {
    const graceMs = random.pick(GRACES_MS);
    this.#stopLimit = this.now() + graceMs + STOP_MARGIN_MS;
    if (!this.isStopping) {
      this.isStopping = true;
      for (const end of this.ends) end.onStop();
      this.commands.refuse();
    }
    this.call(
      this.runtime.stop({ graceMs }),
      () => this.#onStopped(),
      (error) => this.broke(`stop failed: ${error}`),
    );
  }

  /** Uses the runtime after its stop, when everything must fail. */
  useAfterStop(random: SimRandom): void {
    const end = this.cluster.ends.find((end) =>
      end.node === this && end.isGone
    );
    end?.sender.send();
    this.command(random, () => this.broke("a command is executed"));
    this.sendClose(random);
    connect(this, random, this.name);
    listen(this, random);
    this.stop(random);
  }

  /** The process is killed. */
  crash(): void {
    this.isDead = true;
    this.#host.crash();
  }

  call<T>(
    promise: Promise<T>,
    onDone: (value: T) => void,
    onFailed: (error: Error) => void,
  ): void {
    this.#callCount++;
    promise.then(onDone, onFailed).finally(() => this.#callCount--);
  }

  /** Drives the runtime by `processEvents`. */
  async #poll(random: SimRandom): Promise<void> {
    this.isPolled = true;
    while (this.isUp) {
      const isBusy = await this.runtime.processEvents({
        timeoutMs: this.cluster.isDisrupted ? random.integer(0, 20) : 1000,
        maxCommands: random.integer(1, 4),
      });
      if (!isBusy) await this.cluster.sim.sleep(5);
    }
    this.isPolled = false;
  }

  #pickTarget(random: SimRandom): Target {
    const count = this.#targets.length;
    // Prefers recent targets, which are more likely to be open.
    const first = random.chance(0.5) ? Math.max(0, count - 4) : 0;
    return this.#targets[random.integer(first, count - 1)];
  }

  #onStopped(): void {
    const { runtime, ends, commands } = this;
    const left = {
      ...leftIn(runtime),
      ends: ends.size,
      commands: commands.leftCount,
    };
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) this.broke(`it is stopped, and ${count} ${what} are left`);
    }
    if (this.now() > this.#stopLimit) this.broke("its stop took too long");
    this.isStopped = true;
    this.#stopLimit = Infinity;
  }
}
