import type { Adapter } from "../contract/adapter.ts";
import type { TcpAddress } from "../contract/address.ts";
import type { FailureKind } from "../contract/failure.ts";
import { SimAdapter } from "../adapters/sim.ts";
import type { Acceptor } from "./acceptor.ts";
import { socketFailure } from "./failures.ts";
import type { FaultKind } from "./faults.ts";
import type { WriteOwnership } from "./options.ts";
import { checkOption, integer } from "../api/option_rules.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { Process } from "./process.ts";
import { nthOf, SimRandom } from "./random.ts";
import type { World } from "./world.ts";

/** What is open on a host. */
export interface SimHostCounts {
  /** Sockets that were not told that they are closed. */
  readonly sockets: number;
  /** Listeners. */
  readonly listeners: number;
  /** Connects under way. */
  readonly connects: number;
  /** Timers that are armed. */
  readonly timers: number;
}

/** A host of a {@linkcode SimNetwork}, and the process that runs on it. */
export interface SimHost {
  /** Other hosts reach it by this name. */
  readonly name: string;
  /** Its address in the network: `10.0.0.1` is that of the first host. */
  readonly address: string;
  /** The sockets and clocks of the process that runs now, or ran last. */
  readonly adapter: Adapter;
  /** False from a kill or crash to the next restart. */
  readonly isUp: boolean;
  /** What the process has open. */
  readonly counts: SimHostCounts;

  /**
   * Kills the process: none of its events, timers included, happens any more,
   * and calls to its adapter do nothing. The system closes its sockets: what it
   * has taken goes out, then FIN; or a reset, if something is not read. What is
   * lent to it and not taken yet is lost. Without effect if it is not up.
   */
  kill(): void;

  /**
   * Ends the process as {@linkcode SimHost.kill} does, and its connections in
   * disorder: what is not yet under way is lost, and the peers are reset. If
   * `silent`, it is as if the host lost its power and its system was there again
   * at once: what is under way is lost, too, and the peers are reset only when
   * they send. Left out, the seed decides for each connection. In any case the
   * host refuses connects, and does not leave them without an answer: for that,
   * cut it off by {@linkcode SimNetwork.partition}.
   */
  crash(options?: { readonly silent?: boolean | undefined }): void;

  /** Starts a new process, after a kill or crash, or after a crash of what runs. Its adapter is a new one. */
  restart(): void;

  /** The process stands still for `ms` milliseconds (0 to 2^31 - 1); then everything that was due comes at once. */
  pause(ms: number): void;

  /** Sets the wall clock forth by `ms` milliseconds (an integer up to 2^41), or back if that is negative. */
  jumpWallClock(ms: number): void;

  /** Has the next `count` (default 1) accepts fail. */
  failAccepts(
    kind: "exhausted" | "transient" | "other",
    count?: number,
  ): void;

  /** Has the next `count` (default 1) connects that begin here fail. */
  failConnects(kind: FailureKind, count?: number): void;
}

const FIRST_EPHEMERAL_PORT = 49152;
const LAST_PORT = 65535;
const ANY_ADDRESS: readonly string[] = ["0.0.0.0", "::"];
const MAX_JUMP_MS = 2 ** 41;
/** 2026-01-01T00:00:00Z, when every simulation begins. */
const FIRST_WALL_MS = 1_767_225_600_000;

const CONNECT_FAILURES: readonly FailureKind[] = [
  "refused",
  "unreachable",
  "timed-out",
  "exhausted",
];
const ACCEPT_FAILURES: readonly FailureKind[] = ["exhausted", "transient"];

/** Failures that were asked for by hand. */
class Failures {
  #kind: FailureKind = "other";
  #count = 0;

  set(kind: FailureKind, count: number): void {
    this.#kind = kind;
    this.#count = count;
  }

  take(): FailureKind | undefined {
    return this.#count-- > 0 ? this.#kind : undefined;
  }
}

/** A host: what outlives its processes. */
export class Host implements SimHost {
  readonly name: string;
  readonly address: string;
  readonly world: World;
  /** How its sockets take what is written. */
  readonly writes: WriteOwnership;
  /** Small choices of its system. */
  readonly random: SimRandom;
  readonly faults;
  process: Process;

  readonly #ports = new Map<number, Acceptor[]>();
  #nextPort = FIRST_EPHEMERAL_PORT;
  #wallOffset = FIRST_WALL_MS;
  #adapter: SimAdapter | undefined = undefined;
  readonly #acceptFailures = new Failures();
  readonly #connectFailures = new Failures();

  /** `number` counts the hosts from 1. */
  constructor(
    world: World,
    name: string,
    number: number,
    writes: WriteOwnership,
  ) {
    this.world = world;
    this.name = name;
    this.address = `10.0.${number >> 8}.${number & 255}`;
    this.writes = writes;
    this.random = new SimRandom(world.seedOf(name));
    const pointOf = (kind: FaultKind) =>
      world.plan.point({ kind, where: name, place: name });
    this.faults = {
      failedConnects: pointOf("failedConnects"),
      failedAccepts: pointOf("failedAccepts"),
      lateTimers: pointOf("lateTimers"),
      pauses: pointOf("pauses"),
      clockJumps: pointOf("clockJumps"),
    };
    this.process = new Process(this);
  }

  get adapter(): SimAdapter {
    return this.#adapter ??= new SimAdapter(this.process);
  }

  get isUp(): boolean {
    return !this.process.isDead;
  }

  get counts(): SimHostCounts {
    const { ends, acceptors, handshakes, timers } = this.process;
    return {
      sockets: ends.size,
      listeners: acceptors.size,
      connects: handshakes.size,
      timers: timers.size,
    };
  }

  kill(): void {
    if (!this.isUp) return;
    this.process.note("kill");
    this.process.end(() => "fin");
  }

  crash({ silent }: { readonly silent?: boolean | undefined } = {}): void {
    if (!this.isUp) return;
    this.process.note("crash");
    this.process.end(() =>
      silent ?? this.random.chance(0.5) ? "silence" : "reset"
    );
  }

  restart(): void {
    this.crash();
    this.process = new Process(this);
    this.#adapter = undefined;
    this.process.note("restart");
  }

  pause(ms: number): void {
    checkOption("the pause", ms, integer(0, MAX_INT32));
    if (this.isUp) this.process.pause(ms * 1000);
  }

  jumpWallClock(ms: number): void {
    checkOption("the jump", ms, integer(-MAX_JUMP_MS, MAX_JUMP_MS));
    this.process.note("wall clock jumps");
    this.#wallOffset += ms;
  }

  failAccepts(
    kind: "exhausted" | "transient" | "other",
    count: number = 1,
  ): void {
    this.#acceptFailures.set(kind, count);
  }

  failConnects(kind: FailureKind, count: number = 1): void {
    this.#connectFailures.set(kind, count);
  }

  // What its processes ask of it.

  /** Milliseconds since 1970, by its wall clock. */
  wallNow(): number {
    return this.#wallOffset + Math.floor(this.world.schedule.now / 1000);
  }

  /** Whether the next accept fails, and how. */
  nextAcceptFailure(): FailureKind | undefined {
    return nextFailure(
      this.#acceptFailures,
      this.faults.failedAccepts,
      ACCEPT_FAILURES,
    );
  }

  /** Whether the next connect fails, and how. */
  nextConnectFailure(): FailureKind | undefined {
    return nextFailure(
      this.#connectFailures,
      this.faults.failedConnects,
      CONNECT_FAILURES,
    );
  }

  /** A port that nobody is bound to. */
  nextPort(): number {
    let port: number;
    do {
      port = this.#nextPort;
      this.#nextPort = port === LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    } while (this.#ports.has(port));
    return port;
  }

  /** The address by which `other` hears from this host when it is called by `hostname`. */
  addressTo(other: Host, hostname: string): string {
    return other === this ? hostname : this.address;
  }

  /** The address that a listener gets which asks for this. Throws a `SocketFailure`. */
  bindable({ hostname, port }: TcpAddress, reusePort: boolean): TcpAddress {
    const address: TcpAddress = {
      transport: "tcp",
      hostname: this.#ownAddress(hostname),
      port: port === 0 ? this.nextPort() : port,
    };
    for (const other of this.#ports.get(address.port) ?? []) {
      const isSame = overlaps(other.address.hostname, address.hostname);
      if (isSame && !(reusePort && other.reusesPort)) {
        throw socketFailure("in-use");
      }
    }
    return address;
  }

  bind(acceptor: Acceptor): void {
    const { port } = acceptor.address;
    const bound = this.#ports.get(port);
    if (bound === undefined) this.#ports.set(port, [acceptor]);
    else bound.push(acceptor);
  }

  unbind(acceptor: Acceptor): void {
    const { port } = acceptor.address;
    const left = this.#ports.get(port)?.filter((other) => other !== acceptor);
    if (left === undefined || left.length === 0) this.#ports.delete(port);
    else this.#ports.set(port, left);
  }

  /** Who accepts the connection `id` at an address. */
  acceptorAt(
    hostname: string,
    port: number,
    id: number,
  ): Acceptor | undefined {
    const open = (this.#ports.get(port) ?? []).filter((acceptor) =>
      !acceptor.isClosed && overlaps(acceptor.address.hostname, hostname)
    );
    return open[nthOf(this.world.seedOf(this.name), id) % open.length];
  }

  #ownAddress(hostname: string): string {
    if (ANY_ADDRESS.includes(hostname)) return hostname;
    const found = this.world.find(this, hostname);
    if (found === "name-not-found") throw socketFailure(found);
    if (typeof found === "string" || found.host !== this) {
      throw socketFailure("not-available");
    }
    return found.hostname;
  }
}

function nextFailure(
  byHand: Failures,
  byRate: Host["faults"]["failedConnects"],
  kinds: readonly FailureKind[],
): FailureKind | undefined {
  const kind = byHand.take();
  if (kind !== undefined || !byRate.strikes()) return kind;
  return byRate.pick(kinds);
}

function overlaps(a: string, b: string): boolean {
  return a === b || ANY_ADDRESS.includes(a) || ANY_ADDRESS.includes(b);
}
