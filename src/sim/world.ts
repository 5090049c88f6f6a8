import type { Adapter } from "../contract/adapter.ts";
import type { FailureKind } from "../contract/failure.ts";
import { SimAdapter } from "../adapters/sim.ts";
import { type Destination, Host, type HostNetwork } from "./host.ts";
import { Kernel } from "./kernel.ts";
import type { NetworkSettings, WriteOwnership } from "./options.ts";
import { Topology } from "./topology.ts";

const LITERAL_ADDRESS = /^[\d.]+$|:/;

/** Everything that is simulated: the hosts, and what is between them. */
export class World implements HostNetwork {
  readonly kernel: Kernel;
  readonly topology: Topology;
  readonly hosts = new Map<string, Host>();
  readonly #hostsByAddress = new Map<string, Host>();
  #connectCount = 0;

  constructor(settings: NetworkSettings) {
    this.kernel = new Kernel(settings);
    this.topology = new Topology(this.kernel);
  }

  addHost(name: string, writes: WriteOwnership): Host {
    const host = new Host(this, name, this.hosts.size + 1, writes);
    this.hosts.set(name, host);
    this.#hostsByAddress.set(host.address, host);
    return host;
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
    const host = this.hosts.get(hostname) ?? this.#hostsByAddress.get(hostname);
    if (host !== undefined) return { host, hostname: host.address };
    return LITERAL_ADDRESS.test(hostname) ? "unreachable" : "name-not-found";
  }

  nextConnectionId(): number {
    return ++this.#connectCount;
  }

  newAdapter(host: Host): Adapter {
    return new SimAdapter(host, host.process);
  }
}
