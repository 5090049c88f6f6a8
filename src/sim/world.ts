import type { Adapter } from "../contract/adapter.ts";
import type { FailureKind } from "../contract/failure.ts";
import type { TlsVersion } from "../contract/tls_info.ts";
import { SimAdapter } from "../adapters/sim.ts";
import {
  type Destination,
  Host,
  type HostNetwork,
  type NameRecord,
} from "./host.ts";
import { Kernel } from "./kernel.ts";
import type { NetworkSettings, WriteOwnership } from "./options.ts";
import { Topology } from "./topology.ts";
import { isLiteral } from "../util/literal_hosts.ts";

/** Everything that is simulated: the hosts, and the links between them. */
export class World implements HostNetwork {
  readonly kernel: Kernel;
  readonly topology: Topology;
  readonly hosts = new Map<string, Host>();
  readonly #hostsByAddress = new Map<string, Host>();
  readonly #names = new Map<string, NameRecord>();
  #connectCount = 0;

  constructor(settings: NetworkSettings) {
    this.kernel = new Kernel(settings);
    this.topology = new Topology(this.kernel);
  }

  addHost(
    name: string,
    writes: WriteOwnership,
    newestTls: TlsVersion,
  ): Host {
    const number = this.hosts.size + 1;
    const host = new Host(this, name, number, writes, newestTls);
    this.hosts.set(name, host);
    this.#hostsByAddress.set(host.address, host);
    this.#hostsByAddress.set(host.ipv6Address, host);
    return host;
  }

  /** From now on `name` stands for what `record` says. */
  addName(name: string, record: NameRecord): void {
    this.#names.set(name, record);
  }

  lookUp(from: Host, hostname: string): NameRecord {
    const record = this.#names.get(hostname);
    if (record !== undefined) {
      this.kernel.addToTrace(from.name, `look up ${hostname}`);
      return record;
    }
    const found = this.find(from, hostname);
    return {
      hostnames: typeof found === "string" ? [] : [found.hostname],
      delay: 0,
    };
  }

  find(from: Host, hostname: string): Destination | FailureKind {
    switch (hostname) {
      case "localhost":
      case "127.0.0.1":
      case "0.0.0.0":
        return { host: from, hostname: "127.0.0.1" };
      case "::1":
      case "::":
        return { host: from, hostname: "::1" };
    }
    const named = this.hosts.get(hostname);
    if (named !== undefined) return { host: named, hostname: named.address };
    const host = this.#hostsByAddress.get(hostname);
    if (host !== undefined) return { host, hostname };
    const [first] = this.#names.get(hostname)?.hostnames ?? [];
    if (first !== undefined) return this.find(from, first);
    return isLiteral(hostname) ? "unreachable" : "name-not-found";
  }

  nextConnectionId(): number {
    return ++this.#connectCount;
  }

  newAdapter(host: Host): Adapter {
    return new SimAdapter(host, host.process);
  }
}
