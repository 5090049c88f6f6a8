import type { Adapter } from "../contract/adapter.ts";
import type { FailureKind } from "../contract/failure.ts";
import {
  type ListeningHost,
  type ListeningOptions,
  ListeningSocket,
  type ListeningSocketEvents,
} from "./listening_socket.ts";
import { socketFailure } from "./failures.ts";
import { type HandshakeFault, HostFailures } from "./host_failures.ts";
import { type FaultKind, NEVER } from "./faults.ts";
import {
  type ConnectAddress,
  type SocketAddress,
  UNKNOWN_ADDRESS,
} from "../contract/address.ts";
import type { TlsFailureReason } from "../contract/tls.ts";
import type { TlsVersion } from "../contract/tls_info.ts";
import { formatAddress } from "../api/address.ts";
import { checkOption, choice, integer } from "../api/options/rules.ts";
import { MAX_INT32 } from "../util/limits.ts";
import type { Kernel } from "./kernel.ts";
import type { WriteOwnership } from "./options.ts";
import { isAnyAddress, Ports } from "./ports.ts";
import { Process, type ProcessHost } from "./process.ts";
import { SIGNAL_NUMBERS } from "./process_signals.ts";
import { nthOf, SimRandom } from "./random.ts";
import type { SimHost, SimHostCounts } from "./sim_host.ts";
import type { Topology } from "./topology.ts";

const TWO_32 = 2 ** 32;
const MAX_JUMP_MS = 2 ** 41;
/** Added to the number of a signal: the exit code of a process that it has ended. */
const SIGNAL_EXIT = 128;
/** 2026-01-01T00:00:00Z, when every simulation begins. */
const FIRST_WALL_MS = 1_767_225_600_000;

/** Where a hostname leads to. */
export interface Destination {
  readonly host: Host;
  /** The literal address that the hostname stands for. */
  readonly hostname: string;
}

/** Where an address leads to. */
export interface PeerRoute {
  readonly host: Host;
  /** A TCP address with a literal host, or a Unix socket. */
  readonly address: ConnectAddress;
}

/** What a name stands for. */
export interface NameRecord {
  /** Literal addresses, in the order in which they are found. */
  readonly hostnames: readonly string[];
  /** Microseconds until they are found. */
  readonly delay: number;
}

/** What a host needs of the network around it. */
export interface HostNetwork {
  readonly kernel: Kernel;
  readonly topology: Topology;
  /** The record of `hostname`, looked up on `from`. */
  lookUp(from: Host, hostname: string): NameRecord;
  /** The host that `hostname` means on `from`. */
  find(from: Host, hostname: string): Destination | FailureKind;
  /** Numbers the connections. */
  nextConnectionId(): number;
  /** The adapter of the process that runs on `host`. */
  newAdapter(host: Host): Adapter;
}

/** A host, which outlives its processes. */
export class Host implements SimHost, ProcessHost, ListeningHost {
  readonly name: string;
  readonly address: string;
  readonly ipv6Address: string;
  readonly network: HostNetwork;
  readonly kernel: Kernel;
  readonly writes: WriteOwnership;
  /** The newest version of TLS that is spoken. */
  readonly newestTls: TlsVersion;
  /** For the small choices of the operating system. */
  readonly random: SimRandom;
  readonly faults;
  process: Process;
  exitCode: number | undefined = undefined;

  readonly #ports = new Ports();
  #wallOffset = FIRST_WALL_MS;
  #adapter: Adapter | undefined = undefined;
  readonly #failures: HostFailures;
  /** For the random choices of its programs. */
  readonly #programs: SimRandom;

  /** `number` counts the hosts from 1. */
  constructor(
    network: HostNetwork,
    name: string,
    number: number,
    writes: WriteOwnership,
    newestTls: TlsVersion,
  ) {
    const { kernel } = network;
    this.network = network;
    this.kernel = kernel;
    this.name = name;
    this.address = `10.0.${number >> 8}.${number & 255}`;
    this.ipv6Address = `fd00::${number.toString(16)}`;
    this.writes = writes;
    this.newestTls = newestTls;
    this.random = new SimRandom(kernel.seedOf(name));
    this.#programs = new SimRandom(kernel.seedOf(`programs on ${name}`));
    const pointOf = (kind: FaultKind) =>
      kernel.plan.point({ kind, target: name, hosts: name });
    this.faults = {
      failedConnects: pointOf("failedConnects"),
      failedAccepts: pointOf("failedAccepts"),
      lateTimers: pointOf("lateTimers"),
      pauses: pointOf("pauses"),
      clockJumps: pointOf("clockJumps"),
      failedHandshakes: pointOf("failedHandshakes"),
      stuckHandshakes: pointOf("stuckHandshakes"),
      truncatedEnds: pointOf("truncatedEnds"),
      tlsWrites: { shortWrites: pointOf("shortWrites"), refusedWrites: NEVER },
    };
    this.#failures = new HostFailures(this.faults);
    this.process = new Process(this);
  }

  get adapter(): Adapter {
    return this.#adapter ??= this.network.newAdapter(this);
  }

  get isUp(): boolean {
    return !this.process.isDead;
  }

  get counts(): SimHostCounts {
    const { ends, listeningSockets, handshakes, timers } = this.process;
    return {
      sockets: ends.size,
      listeners: listeningSockets.size,
      connects: handshakes.size,
      timers: timers.size,
    };
  }

  kill(): void {
    if (!this.isUp) return;
    this.process.addToTrace("kill");
    this.process.terminate(() => "fin");
  }

  crash({ silent }: { readonly silent?: boolean | undefined } = {}): void {
    if (!this.isUp) return;
    this.process.addToTrace("crash");
    this.process.terminate(() =>
      silent ?? this.random.chance(0.5) ? "silence" : "reset"
    );
  }

  signal(name: string): void {
    checkOption("the signal", name, choice(Object.keys(SIGNAL_NUMBERS)));
    if (!this.isUp) return;
    this.process.addToTrace(name);
    const isHeard = this.process.signals.deliver(name);
    if (!isHeard) this.exit(SIGNAL_EXIT + SIGNAL_NUMBERS[name]);
  }

  /** The process ends by itself. */
  exit(code: number): void {
    this.exitCode = code;
    this.kill();
  }

  restart(): void {
    this.exitCode = undefined;
    this.crash();
    this.process = new Process(this);
    this.#adapter = undefined;
    this.process.addToTrace("restart");
  }

  pause(ms: number): void {
    checkOption("the pause", ms, integer(0, MAX_INT32));
    if (this.isUp) this.process.pause(ms * 1000);
  }

  jumpWallClock(ms: number): void {
    checkOption("the jump", ms, integer(-MAX_JUMP_MS, MAX_JUMP_MS));
    this.process.addToTrace("wall clock jumps");
    this.#wallOffset += ms;
  }

  failAccepts(
    kind: "exhausted" | "transient" | "other",
    count: number = 1,
  ): void {
    this.#failures.accepts.set(kind, count);
  }

  failConnects(kind: FailureKind, count: number = 1): void {
    this.#failures.connects.set(kind, count);
  }

  failLookups(
    kind: "name-not-found" | "denied" | "exhausted",
    count: number = 1,
  ): void {
    this.#failures.lookups.set(kind, count);
  }

  failHandshakes(reason: TlsFailureReason, count: number = 1): void {
    this.#failures.handshakes.set(reason, count);
  }

  // Called by its processes.

  /** A number from 0 (inclusive) to 1 (exclusive) for a program. */
  chance(): number {
    return this.#programs.integer(0, TWO_32 - 1) / TWO_32;
  }

  /** How the next TLS handshake at this host fails, if it does. */
  nextHandshakeFault(): HandshakeFault | undefined {
    return this.#failures.nextHandshake();
  }

  /** What `hostname` stands for, or why it cannot be looked up. */
  lookUp(
    hostname: string,
  ): NameRecord & { readonly failure: FailureKind | undefined } {
    const record = this.network.lookUp(this, hostname);
    const failure = this.#failures.lookups.take();
    const isUnknown = record.hostnames.length === 0;
    return {
      ...record,
      failure: failure ?? (isUnknown ? "name-not-found" : undefined),
    };
  }

  /** Milliseconds since 1970, by its wall clock. */
  wallNow(): number {
    return this.#wallOffset + Math.floor(this.kernel.scheduler.now / 1000);
  }

  nextAcceptFailure(): FailureKind | undefined {
    return this.#failures.nextAccept();
  }

  /** Whether the next connect fails, and how. */
  nextConnectFailure(): FailureKind | undefined {
    return this.#failures.nextConnect();
  }

  /** The address from which this host connects to `other`, at `address`. */
  addressTo(other: Host, address: ConnectAddress): SocketAddress {
    if (address.transport === "unix") return UNKNOWN_ADDRESS;
    const port = this.#ports.nextFree();
    const { hostname } = address;
    if (other === this) return { ...address, port };
    const own = hostname.includes(":") ? this.ipv6Address : this.address;
    return { transport: "tcp", hostname: own, port };
  }

  /** Binds an address for `process`; the result is still to be opened. Throws a `SocketFailure`. */
  listen(
    process: Process,
    requested: ConnectAddress,
    options: ListeningOptions,
    events: ListeningSocketEvents,
  ): ListeningSocket {
    const address = this.#choose(requested, options);
    const socket = new ListeningSocket(this, process, address, options, events);
    process.listeningSockets.add(socket);
    this.#ports.bind(socket);
    process.addToTrace(`listens on ${addressName(address)}`);
    return socket;
  }

  unbind(socket: ListeningSocket): void {
    this.#ports.unbind(socket);
  }

  /** Where `address` leads to from here, or why it leads nowhere. */
  find(address: ConnectAddress): PeerRoute | FailureKind {
    if (address.transport === "unix") return { host: this, address };
    const found = this.network.find(this, address.hostname);
    if (typeof found === "string") return found;
    const { host, hostname } = found;
    return { host, address: { ...address, hostname } };
  }

  /** The listening socket that accepts the connection `id` at `address`. */
  listeningSocketAt(
    address: ConnectAddress,
    id: number,
  ): ListeningSocket | undefined {
    const open = this.#ports.listeningAt(address);
    return open[nthOf(this.kernel.seedOf(this.name), id) % open.length];
  }

  /** The address to bind for `requested`. */
  #choose(
    requested: ConnectAddress,
    { reusePort }: ListeningOptions,
  ): ConnectAddress {
    if (requested.transport === "unix") {
      this.#ports.choosePath(requested.path);
      return requested;
    }
    const hostname = this.#ownAddress(requested.hostname);
    const port = this.#ports.choose(hostname, requested.port, reusePort);
    return { transport: "tcp", hostname, port };
  }

  #ownAddress(hostname: string): string {
    if (isAnyAddress(hostname)) return hostname;
    const found = this.network.find(this, hostname);
    if (found === "name-not-found") throw socketFailure(found);
    if (typeof found === "string" || found.host !== this) {
      throw socketFailure("not-available");
    }
    return found.hostname;
  }
}

/** An address, for the trace. */
export function addressName(address: ConnectAddress): string {
  return address.transport === "tcp"
    ? `${address.hostname}:${address.port}`
    : formatAddress(address);
}
