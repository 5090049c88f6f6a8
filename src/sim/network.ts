/**
 * The simulated network.
 *
 * @module
 */

import { read, textOf } from "../util/text.ts";
import { loadAll } from "../core/load_all.ts";
import type { TcpAddress } from "../contract/address.ts";
import type { SimContractError } from "../api/errors.ts";
import type { FaultRates } from "./faults.ts";
import type { Host } from "./host.ts";
import type { LinkSettings, Path } from "./path.ts";
import { parseAddress } from "../api/address.ts";
import { check } from "../api/options/rules.ts";
import {
  PARTITION_OPTIONS,
  type PartitionOptions,
  SIM_HOST_OPTIONS,
  SIM_NAME_OPTIONS,
  type SimHostOptions,
  type SimNameOptions,
} from "./network_options.ts";
import {
  LINK_SETTINGS,
  networkSettings,
  type SimNetworkOptions,
} from "./options.ts";
import type { SimHost } from "./sim_host.ts";
import type { UntilOptions } from "./waits.ts";
import { World } from "./world.ts";
import { isLiteral } from "../util/literal_hosts.ts";

/**
 * A host, or its name.
 *
 * @category Simulation
 */
export type SimHostLike = SimHost | string;

/** The inside of a network. */
export let worldOf: (network: SimNetwork) => World;

const HOST_NAME = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * Hosts, the links between them, and time, simulated in one thread: a run is a
 * pure function of the program and the seed, the same on every runtime.
 *
 * A host provides the sockets and clocks of a runtime: `new ReactRuntime({
 * adapter: network.host("server").adapter })`. Time passes by itself, jumping
 * from one event to the next as long as any are left, and stands still while
 * promises are settled. So a program may `await` what the runtimes and the
 * network promise, but must not wait for anything from outside: real timers,
 * files, sockets.
 *
 * TCP is simulated as far as a program can tell: latency, bandwidth, system
 * buffers and flow control, FIN, RST, partitions. There are no keep-alive probes
 * and no Nagle's algorithm, and timers fire on time unless a fault delays them.
 * TLS is simulated with real certificates, whose names, dates and signatures are
 * checked, and with as many handshake messages as in TLS; but nothing is encrypted.
 * The buffer that `onData` gets is overwritten after the call. If the user of an
 * adapter breaks its contract, {@linkcode SimNetwork.violations} lists that.
 *
 * @category Simulation
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
  /** The seed of all that is random in this network. */
  readonly seed: number;
  /** The rates of random faults. */
  readonly faults: FaultRates;
  readonly #world: World;

  static {
    worldOf = (network) => network.#world;
  }

  /**
   * Creates a network without hosts.
   *
   * @param options How the network behaves.
   * @throws {InvalidOptionError} If an option is outside of its range.
   */
  constructor(options: SimNetworkOptions = {}) {
    loadAll();
    const settings = networkSettings(options);
    this.seed = settings.seed;
    this.faults = settings.faults;
    this.#world = new World(settings);
  }

  /**
   * The host of a name, which is created on first use.
   *
   * @param name Letters, digits and hyphens, beginning with a letter; not
   * `localhost`.
   * @param options Only for the first use.
   * @returns The host.
   * @throws {InvalidOptionError} If the name is not of this form.
   */
  host(name: string, options: SimHostOptions = {}): SimHost {
    const isName = typeof name === "string" && HOST_NAME.test(name) &&
      name !== "localhost";
    check("the host name", name, isName, "letters, digits, hyphens");
    const { writes, newestTls } = SIM_HOST_OPTIONS.fill(options);
    return this.#world.hosts.get(name) ??
      this.#world.addHost(
        name,
        writes ?? this.#world.kernel.settings.writes,
        newestTls,
      );
  }

  /**
   * Sets the addresses of a name, on every host; replaces those that it had. A
   * host's own name needs no such entry.
   *
   * @param name A host name that does not belong to a host of this network.
   * @param addresses Literal addresses, in the order in which a look-up returns
   * them; they need not belong to a host. If empty, look-ups do not find the name.
   * @param options How long a look-up takes.
   * @throws {InvalidAddressError} If `name` is not a host name, or an address is
   * invalid.
   * @throws {InvalidOptionError} If `name` belongs to a host, an address is not
   * literal, or an option is outside of its range.
   */
  addName(
    name: string,
    addresses: readonly string[],
    options: SimNameOptions = {},
  ): void {
    const { delayMs } = SIM_NAME_OPTIONS.fill(options);
    const known = hostnameOf(name);
    const isFree = !isLiteral(known) && known !== "localhost" &&
      !this.#world.hosts.has(known);
    check("the name", name, isFree, "one that is not that of a host");
    check("the addresses", addresses, Array.isArray(addresses), "a list");
    const hostnames = addresses.map((address) => {
      const hostname = hostnameOf(address);
      check("the address", address, isLiteral(hostname), "a literal one");
      return hostname;
    });
    this.#world.addName(known, { hostnames, delay: Math.ceil(delayMs * 1000) });
  }

  // Time.

  /**
   * The virtual time.
   *
   * @returns Milliseconds since the beginning, with fractions.
   */
  now(): number {
    return this.#world.kernel.scheduler.now / 1000;
  }

  /**
   * Waits for virtual time to pass.
   *
   * @param ms Milliseconds, 0 to 2^31 - 1.
   * @returns Resolves when they have passed.
   * @throws {InvalidOptionError} If `ms` is outside of its range.
   */
  sleep(ms: number): Promise<void> {
    return this.#world.kernel.waits.sleep(ms);
  }

  /**
   * Waits for a condition to hold.
   *
   * @param condition Called after every event; returns true if it holds.
   * @param options How long to wait, and for what.
   * @returns Resolves when `condition` returns true; rejects with what it throws.
   * @throws {SimTimeoutError} If it does not hold in time.
   */
  until(condition: () => boolean, options: UntilOptions = {}): Promise<void> {
    return this.#world.kernel.waits.until(condition, options);
  }

  /**
   * Waits for the network to come to rest.
   *
   * @returns Resolves when nothing is left to happen: no packet, no timer.
   */
  idle(): Promise<void> {
    return this.#world.kernel.waits.idle();
  }

  // Faults by hand.

  /**
   * Changes the link between two hosts in both directions.
   *
   * @param a One host.
   * @param b The other one; the same one for its loopback.
   * @param settings What is to change; the rest stays as it is.
   * @throws {InvalidOptionError} If a setting is outside of its range, or a host
   * is not part of this network.
   */
  setLink(a: SimHostLike, b: SimHostLike, settings: LinkSettings): void {
    const given = LINK_SETTINGS.given(settings) ?? {};
    for (const path of this.#pathsBetween(a, b)) path.set(given);
  }

  /**
   * Cuts links. Packets across a cut are lost, and the system retransmits them
   * until the link heals. It gives up a connection that waits for longer than
   * `sendGiveUpMs`.
   *
   * @param a One host.
   * @param b The other one; all others if left out.
   * @param options Whether to cut one direction only.
   * @throws {InvalidOptionError} If a host is not part of this network.
   */
  partition(
    a: SimHostLike,
    b?: SimHostLike,
    options: PartitionOptions = {},
  ): void {
    const { oneWay } = PARTITION_OPTIONS.fill(options);
    this.#world.kernel.addToTrace(
      "network",
      `partition ${hostNameOf(a)} ${hostNameOf(b)}`,
    );
    for (const path of this.#pathsBetween(a, b, oneWay)) path.cut();
  }

  /**
   * Ends partitions.
   *
   * @param a One host; all of them if left out.
   * @param b The other one; all others if left out.
   * @throws {InvalidOptionError} If a host is not part of this network.
   */
  heal(a?: SimHostLike, b?: SimHostLike): void {
    this.#world.kernel.addToTrace(
      "network",
      `heal ${hostNameOf(a)} ${hostNameOf(b)}`,
    );
    for (const path of this.#pathsBetween(a, b)) path.heal();
  }

  /**
   * Resets connections, at both ends.
   *
   * @param a One host; all of them if left out.
   * @param b The other one; all others if left out.
   * @returns How many connections were reset.
   * @throws {InvalidOptionError} If a host is not part of this network.
   */
  resetConnections(a?: SimHostLike, b?: SimHostLike): number {
    this.#world.kernel.addToTrace(
      "network",
      `reset ${hostNameOf(a)} ${hostNameOf(b)}`,
    );
    const from = this.#find(a);
    const to = this.#find(b);
    let count = 0;
    for (const connection of this.#world.topology.connections) {
      if (!connection.isBetween(from, to)) continue;
      connection.break();
      count++;
    }
    return count;
  }

  /** Ends all faults: no random ones strike any more, and partitions heal. A sound program must now recover. */
  endFaults(): void {
    this.#world.kernel.plan.isEnded = true;
    this.heal();
  }

  // What happened.

  /** The last lines of the trace: milliseconds, host, connection (`3c` is the end that connected, `3a` the one that accepted), event. */
  get trace(): string[] {
    return this.#world.kernel.trace.lines;
  }

  /** A hash of everything that happened: equal runs have equal hashes. */
  get traceHash(): string {
    return this.#world.kernel.trace.hash;
  }

  /** The ids of the random faults that have struck, in order. */
  get injectedFaults(): readonly string[] {
    return this.#world.kernel.plan.injected.map(({ id }) => id);
  }

  /** How users of the adapters have broken the contract. */
  get violations(): readonly SimContractError[] {
    return this.#world.kernel.violations;
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
        paths.push(this.#world.topology.path(one, other));
        if (!isOneWay) paths.push(this.#world.topology.path(other, one));
      }
    }
    return paths;
  }

  #find(host: SimHostLike | undefined): Host | undefined {
    if (host === undefined) return undefined;
    const name = hostNameOf(host);
    const found = this.#world.hosts.get(name);
    check("the host", name, found !== undefined, "one of this network");
    return found;
  }
}

function hostNameOf(host: SimHostLike | undefined): string {
  if (host === undefined) return "*";
  return textOf(typeof host === "string" ? host : read(host, "name"));
}

/** The one form of a host name or a literal address. Throws {@linkcode InvalidAddressError}. */
function hostnameOf(hostname: string): string {
  return (parseAddress({ hostname, port: 0 }) as TcpAddress).hostname;
}
