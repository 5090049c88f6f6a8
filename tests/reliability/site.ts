import {
  type ReactorID,
  ReactRuntime,
  type SimHost,
  type SimRandom,
  type TcpSocket,
} from "../../mod.ts";
import type { ChaosListener } from "./chaos_listener.ts";
import {
  type Cmd,
  CommandLedger,
  NOBODY,
  type Target,
} from "./command_ledger.ts";
import type { End } from "./end.ts";
import { connect, listen } from "./opening.ts";
import { TapAdapter, type TapSocket } from "./tap.ts";
import type { World } from "./world.ts";

/** Milliseconds beyond its grace that a stop may take: the process may stand still meanwhile. */
const STOP_MARGIN_MS = 10_000;
const GRACES_MS = [0, 1, 50, 500, 5000];

/** A process: a runtime on a host, until it crashes or is stopped, and everything that it has. */
export class Site {
  readonly world: World;
  readonly name: string;
  readonly runtime: ReactRuntime<Cmd>;
  readonly commands: CommandLedger = new CommandLedger(this);
  /** The connections that are open. */
  readonly ends = new Set<End>();
  listener: ChaosListener | undefined = undefined;
  isDead = false;
  isStopping = false;
  isStopped = false;
  /** Commands wait for `processEvents`. */
  isPolled = false;

  readonly #host: SimHost;
  /** Whom commands can be sent to: what is open, and what was. */
  readonly #adapter: TapAdapter;
  readonly #targets: Target[] = [NOBODY];
  readonly #ids = new Set<ReactorID>();
  #handler: string | undefined = undefined;
  #countCalls = 0;
  #stopLimit = Infinity;

  constructor(world: World, host: SimHost) {
    this.world = world;
    this.name = host.name;
    this.#host = host;
    const adapter = this.#adapter = new TapAdapter(host.adapter, {
      onAccept: ({ remoteAddress }) => {
        world.linkTo(this.name, remoteAddress).isAccepted = true;
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

  /** It serves, and takes on more. */
  get isUp(): boolean {
    return !this.isDead && !this.isStopping;
  }

  /** Everything that was asked of it is answered. */
  get isSettled(): boolean {
    return this.isDead || (
      this.#countCalls === 0 && this.commands.isSettled &&
      this.world.ends.every((end) =>
        end.site !== this || end.isAlive || end.outbox.ledger.isSettled
      )
    );
  }

  broke(what: string): void {
    this.world.broke(`${this.name}: ${what}`);
  }

  /** Does what a handler does; the runtime calls one at a time, and none from inside a call to it. */
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

  /** Holds whenever nothing happens. */
  check(): void {
    if (this.isDead) return;
    for (const end of this.ends) end.check();
    if (this.now() > this.#stopLimit) this.broke("its stop takes too long");
  }

  // What comes and goes.

  /** A reactor or listener has got its id. */
  took(target: Target): void {
    const { reactorId } = target;
    if (this.#ids.has(reactorId)) this.broke(`${reactorId} was given twice`);
    this.#ids.add(reactorId);
    this.#targets.push(target);
  }

  onConnected(end: End): void {
    this.took(end);
    this.ends.add(end);
  }

  onClosed(end: End): void {
    this.ends.delete(end);
    if (!end.isClient) end.listener?.onEndClosed();
  }

  // What its user does.

  /** Begins to listen, and maybe to poll. */
  begin(random: SimRandom): void {
    listen(this, random);
    if (!random.chance(0.15)) return;
    this.#poll(random).catch((error) => this.broke(`polling failed: ${error}`));
  }

  /** Sends a command to a reactor that is there, or was. */
  command(random: SimRandom, deed: (end: End) => void): void {
    const target = this.#pickTarget(random);
    const { cmdSender } = this.runtime;
    this.commands.send(
      random,
      { what: "user", target },
      (options, command) =>
        cmdSender.sendUserCmd(target.reactorId, { command, deed }, options),
    );
  }

  /** Sends a command to close a reactor or listener that is there, or was. */
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

  /** Stops the runtime, which then has to be done in time, and to be empty. */
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

  /** What is asked of a runtime that was stopped fails. */
  useAfterStop(random: SimRandom): void {
    const end = this.world.ends.find((end) => end.site === this && end.isGone);
    end?.outbox.send();
    this.command(random, () => this.broke("a command is carried out"));
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

  /** Waits for a promise, which has to be settled by the end of the run. */
  call<T>(
    promise: Promise<T>,
    onDone: (value: T) => void,
    onFailed: (error: Error) => void,
  ): void {
    this.#countCalls++;
    promise.then(onDone, onFailed).finally(() => this.#countCalls--);
  }

  /** Has commands carried out by `processEvents`. */
  async #poll(random: SimRandom): Promise<void> {
    this.isPolled = true;
    while (this.isUp) {
      const isBusy = await this.runtime.processEvents({
        timeoutMs: this.world.isTroubled ? random.integer(0, 20) : 1000,
        maxCommands: random.integer(1, 4),
      });
      if (!isBusy) await this.world.sim.sleep(5);
    }
    this.isPolled = false;
  }

  #pickTarget(random: SimRandom): Target {
    const count = this.#targets.length;
    // Rather the last ones, which are more likely to be there.
    const first = random.chance(0.5) ? Math.max(0, count - 4) : 0;
    return this.#targets[random.integer(first, count - 1)];
  }

  #onStopped(): void {
    const { runtime, ends, commands } = this;
    const left = {
      reactors: runtime.reactorCount,
      streams: runtime.connectionCount,
      deferred: runtime.deferredCommandCount,
      ends: ends.size,
      commands: commands.countLeft,
    };
    for (const [what, count] of Object.entries(left)) {
      if (count > 0) this.broke(`it is stopped, and ${count} ${what} are left`);
    }
    if (this.now() > this.#stopLimit) this.broke("its stop took too long");
    this.isStopped = true;
    this.#stopLimit = Infinity;
  }
}
