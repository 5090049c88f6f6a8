import type { SimContractError } from "../api/errors.ts";
import type { FaultRates } from "./faults.ts";
import type { Host, SimHost } from "./host.ts";
import type { LinkSettings, Path } from "./link.ts";
import { check, choice, flag, OptionTable } from "../api/option_rules.ts";
import {
  LINK_SETTINGS,
  networkSettings,
  type SimNetworkOptions,
  type WriteOwnership,
  WRITES,
} from "./options.ts";
import type { UntilOptions } from "./waits.ts";
import { World } from "./world.ts";

/** Options of {@linkcode SimNetwork.host}, for the first use of the host. */
export interface SimHostOptions {
  /** How its sockets take what is written; default: as the network says. */
  readonly writes?: WriteOwnership | undefined;
}

/** Options of {@linkcode SimNetwork.partition}. */
export interface PartitionOptions {
  /** Lose only what goes from the first host to the second. Default false. */
  readonly oneWay?: boolean | undefined;
}

/** The options of a host. */
export const SIM_HOST_OPTIONS: OptionTable<SimHostOptions> = new OptionTable<
  SimHostOptions
>({ writes: choice<WriteOwnership>(WRITES) });

/** The options of a partition. */
export const PARTITION_OPTIONS: OptionTable<PartitionOptions> = new OptionTable<
  PartitionOptions
>({ oneWay: flag(false) });

/** A host, or its name. */
export type SimHostLike = SimHost | string;

/** What is inside a network. */
export let worldOf: (network: SimNetwork) => World;

const HOST_NAME = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * Hosts, links between them, and time, all simulated in one thread: what runs on
 * it is a pure function of the program and the seed, the same on every runtime.
 *
 * A host gives a runtime its sockets and clocks: `new ReactRuntime({ adapter:
 * network.host("server").adapter })`. Time passes by itself, from one event to
 * the next and without waiting, as long as anything is to happen; it stands
 * still while promises are settled. So a program may `await` what the runtimes
 * and the network promise, and must not wait for anything that comes from
 * outside: real timers, files, sockets.
 *
 * TCP is simulated as far as a program can tell: latency, bandwidth, buffers of
 * the systems and their flow control, FIN, RST, what happens across a partition.
 * There are neither keep-alive probes nor Nagle's algorithm, and timers fire on
 * time if no fault delays them. The buffer given to
 * `onData` is overwritten after the call, and what the user of an adapter does
 * against its contract is found in {@linkcode SimNetwork.violations}.
 *
 * @example A client and a server on two hosts
 * ```ts
 * import { DefaultTcpListenerHandler, MessageResult, ReactRuntime, SimNetwork } from "@reactio/reactio";
 *
 * const network = new SimNetwork({ seed: 7, latencyMs: 20, jitterMs: 0 });
 * const server = new ReactRuntime({ adapter: network.host("server").adapter });
 * const client = new ReactRuntime({ adapter: network.host("client").adapter });
 * await server.listen(
 *   "0.0.0.0:80",
 *   new DefaultTcpListenerHandler(() => ({
 *     onInboundMessage(buf, ctx) {
 *       ctx.sendOrQueue(buf);
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })),
 * );
 * let answer = "";
 * await client.connect("server:80", {
 *   onConnected: (ctx) => void ctx.sendOrQueue(new TextEncoder().encode("hello")),
 *   onInboundMessage(buf) {
 *     answer = new TextDecoder().decode(buf);
 *     return MessageResult.dropMsgSize(buf.length);
 *   },
 * });
 * network.partition("client", "server");
 * await network.sleep(5000);
 * network.heal("client", "server");
 * await network.until(() => answer === "hello");
 * await Promise.all([server.stop(), client.stop()]);
 * console.log(network.trace.at(-1), network.violations.length); // … 0
 * ```
 */
export class SimNetwork {
  /** What the network decides by. */
  readonly seed: number;
  /** The rates of the faults that strike by chance. */
  readonly faults: FaultRates;
  readonly #world: World;

  static {
    worldOf = (network) => network.#world;
  }

  /** Throws {@linkcode InvalidOptionError} if an option is outside its range. */
  constructor(options: SimNetworkOptions = {}) {
    const settings = networkSettings(options);
    this.seed = settings.seed;
    this.faults = settings.faults;
    this.#world = new World(settings);
  }

  /**
   * The host of that name, which is made when it is first asked for. Names are
   * of letters, digits and hyphens; throws {@linkcode InvalidOptionError} for
   * others.
   */
  host(name: string, options: SimHostOptions = {}): SimHost {
    const isName = HOST_NAME.test(name) && name !== "localhost";
    check("the host name", name, isName, "letters, digits, hyphens");
    const { writes } = SIM_HOST_OPTIONS.given(options) ?? {};
    return this.#world.hosts.get(name) ??
      this.#world.addHost(name, writes ?? this.#world.settings.writes);
  }

  // Time.

  /** Milliseconds of virtual time since the beginning, with fractions. */
  now(): number {
    return this.#world.schedule.now / 1000;
  }

  /** Resolves when `ms` milliseconds of virtual time (0 to 2^31 - 1) have passed. */
  sleep(ms: number): Promise<void> {
    return this.#world.waits.sleep(ms);
  }

  /**
   * Resolves when `condition`, which is asked after every event, returns true.
   * Rejects with {@linkcode SimTimeoutError}, or with what `condition` threw.
   */
  until(condition: () => boolean, options: UntilOptions = {}): Promise<void> {
    return this.#world.waits.until(condition, options);
  }

  /** Resolves when nothing is left to happen: no packet, no timer. */
  idle(): Promise<void> {
    return this.#world.waits.idle();
  }

  // Faults by hand.

  /** Sets what is given of the link between two hosts, or, for one host twice, of its loopback. */
  link(a: SimHostLike, b: SimHostLike, settings: LinkSettings): void {
    const given = LINK_SETTINGS.given(settings) ?? {};
    for (const path of this.#pathsBetween(a, b)) path.set(given);
  }

  /**
   * Cuts the link between two hosts, or of `a` to all others if `b` is left out.
   * What is sent is lost, and sent again by the system until `heal`; a
   * connection on which bytes were under way all the time is given up after
   * `sendGiveUpMs`.
   */
  partition(
    a: SimHostLike,
    b?: SimHostLike,
    options: PartitionOptions = {},
  ): void {
    const { oneWay } = PARTITION_OPTIONS.fill(options);
    this.#world.note("network", `partition ${nameOf(a)} ${nameOf(b)}`);
    for (const path of this.#pathsBetween(a, b, oneWay)) path.cut();
  }

  /** Ends the partition between two hosts, of one host from all, or all partitions. */
  heal(a?: SimHostLike, b?: SimHostLike): void {
    this.#world.note("network", `heal ${nameOf(a)} ${nameOf(b)}`);
    for (const path of this.#pathsBetween(a, b)) path.heal();
  }

  /** Resets the connections between two hosts, of one host, or all; returns how many. */
  reset(a?: SimHostLike, b?: SimHostLike): number {
    this.#world.note("network", `reset ${nameOf(a)} ${nameOf(b)}`);
    const from = this.#find(a);
    const to = this.#find(b);
    let count = 0;
    for (const connection of this.#world.connections) {
      if (!connection.isBetween(from, to)) continue;
      connection.break();
      count++;
    }
    return count;
  }

  /** No fault strikes by chance from now on, and partitions heal: what is sound must recover. */
  calm(): void {
    this.#world.plan.isCalm = true;
    this.heal();
  }

  // What happened.

  /** The last lines of what happened: milliseconds, host, connection (`3c` is the end that connected, `3a` the one that accepted), and what. */
  get trace(): string[] {
    return this.#world.trace.lines;
  }

  /** A hash over everything that happened, equal for runs that are equal. */
  get traceHash(): string {
    return this.#world.trace.hash;
  }

  /** The ids of the faults that have struck by chance, in order. */
  get injectedFaults(): readonly string[] {
    return this.#world.plan.injected.map(({ id }) => id);
  }

  /** What the users of the adapters did that its contract forbids. */
  get violations(): readonly SimContractError[] {
    return this.#world.violations;
  }

  #pathsBetween(
    a: SimHostLike | undefined,
    b: SimHostLike | undefined,
    isOneWay = false,
  ): Path[] {
    const { hosts } = this.#world;
    const all = [...hosts.values()];
    const from = this.#find(a);
    const to = this.#find(b);
    const paths: Path[] = [];
    for (const one of from === undefined ? all : [from]) {
      for (const other of to === undefined ? all : [to]) {
        if (one === other && from !== to) continue;
        paths.push(this.#world.path(one, other));
        if (!isOneWay) paths.push(this.#world.path(other, one));
      }
    }
    return paths;
  }

  #find(host: SimHostLike | undefined): Host | undefined {
    if (host === undefined) return undefined;
    const name = nameOf(host);
    const found = this.#world.hosts.get(name);
    check("the host", name, found !== undefined, "one of this network");
    return found;
  }
}

function nameOf(host: SimHostLike | undefined): string {
  return host === undefined ? "*" : typeof host === "string" ? host : host.name;
}
