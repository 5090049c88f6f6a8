import type { FailureKind } from "../contract/failure.ts";
import { SimContractError } from "../api/errors.ts";
import type { Connection } from "./connection.ts";
import { FaultPlan, type FaultPoint } from "./faults.ts";
import { Host } from "./host.ts";
import { Path } from "./link.ts";
import type { NetworkSettings, WriteOwnership } from "./options.ts";
import { Pipe } from "./pipe.ts";
import { derive, SimRandom } from "./random.ts";
import { CallbackEvent, Schedule } from "./schedule.ts";
import { Trace } from "./trace.ts";
import { Waits } from "./waits.ts";

const LONGEST_PARTITION = 3_000_000;
/** Microseconds within a host. */
const LOOPBACK = { latencyMs: 0.01, jitterMs: 0.01, bytesPerSecond: Infinity };
const LITERAL_ADDRESS = /^[\d.]+$|:/;

/** Everything that is simulated, and what is known of it. */
export class World {
  readonly settings: NetworkSettings;
  readonly schedule = new Schedule();
  readonly waits: Waits = new Waits(this.schedule);
  readonly trace: Trace;
  readonly plan: FaultPlan;
  readonly hosts = new Map<string, Host>();
  readonly connections = new Set<Connection>();
  readonly violations: SimContractError[] = [];
  connectCount = 0;

  readonly #hostsByAddress = new Map<string, Host>();
  readonly #paths = new Map<string, Path>();
  readonly #random: SimRandom;

  constructor(settings: NetworkSettings) {
    this.settings = settings;
    this.trace = new Trace(settings.traceLimit);
    this.plan = new FaultPlan(
      this.schedule,
      settings.seed,
      settings.faults,
      (id) => this.note("network", `fault ${id}`),
      settings.onlyFaults,
    );
    this.#random = new SimRandom(derive(settings.seed, "buffers"));
  }

  /** A seed for what `label` names, and for nothing else. */
  seedOf(label: string): number {
    return derive(this.settings.seed, label);
  }

  /** Adds a line to the trace. */
  note(where: string, what: string, a?: number, b?: number): void {
    this.trace.add(this.schedule.now, where, what, a, b);
  }

  /** Somebody at `where` broke the contract of the adapter. */
  violated(where: string, rule: string): void {
    this.note(where, `VIOLATION: ${rule}`);
    const ms = this.schedule.now / 1000;
    this.violations.push(
      new SimContractError(
        `The contract of the adapter was broken at ${where}, ${ms} ms: ${rule}`,
      ),
    );
  }

  addHost(name: string, writes: WriteOwnership): Host {
    const host = new Host(this, name, this.hosts.size + 1, writes);
    this.hosts.set(name, host);
    this.#hostsByAddress.set(host.address, host);
    return host;
  }

  /** The host that `hostname` means on `from`, and its address then. */
  find(
    from: Host,
    hostname: string,
  ): { host: Host; hostname: string } | FailureKind {
    switch (hostname) {
      case "localhost":
      case "127.0.0.1":
      case "0.0.0.0":
        return { host: from, hostname: "127.0.0.1" };
      case "::1":
      case "::":
        return { host: from, hostname: "::1" };
    }
    const host = this.hosts.get(hostname) ?? this.#hostsByAddress.get(hostname);
    if (host !== undefined) return { host, hostname: host.address };
    return LITERAL_ADDRESS.test(hostname) ? "unreachable" : "name-not-found";
  }

  /** The way from one host to another, or within one. */
  path(from: Host, to: Host): Path {
    const label = `${from.name}~${to.name}`;
    let path = this.#paths.get(label);
    if (path === undefined) {
      const isLoopback = from === to;
      path = new Path(
        this.schedule,
        this.seedOf(label),
        `${from.name}–${to.name}`,
        isLoopback ? LOOPBACK : this.settings.link,
        isLoopback,
      );
      this.#paths.set(label, path);
    }
    return path;
  }

  newPipe(id: string, path: Path, back: Path): Pipe {
    const { sendBuffers, receiveBuffers } = this.settings;
    return new Pipe(
      this,
      id,
      path,
      back,
      this.#random.pick(sendBuffers),
      this.#random.pick(receiveBuffers),
    );
  }

  /** Cuts a link in both directions for as long as the fault wants. */
  failLink(there: Path, back: Path, fault: FaultPoint): void {
    const mend = new CallbackEvent(() => {
      const isMended = there.mend(mend);
      if (back.mend(mend) || isMended) {
        this.note("network", `${there.name} mended`);
      }
    });
    there.fail(mend);
    back.fail(mend);
    this.schedule.after(mend, fault.amount(1, LONGEST_PARTITION));
  }
}
