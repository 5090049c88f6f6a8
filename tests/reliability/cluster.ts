import {
  formatAddress,
  SimRandom,
  type Simulation,
  type SocketAddress,
} from "../../mod.ts";
import { act } from "./actions.ts";
import type { ChaosEnd, EndCluster } from "./chaos_end.ts";
import { FRAMINGS } from "./framing.ts";
import type { Workload } from "./workloads.ts";
import { EndPair } from "./end_pair.ts";
import { ChaosNode } from "./chaos_node.ts";
import { asTcp } from "../support/tcp.ts";

/** The processes of a run, their connections, and the first broken promise. */
export class Cluster implements EndCluster {
  readonly sim: Simulation;
  readonly workload: Workload;
  /** All processes, including dead ones. */
  readonly nodes: ChaosNode[] = [];
  readonly ends: ChaosEnd[] = [];
  readonly pairs = new Map<string, EndPair>();
  /** True if connections were reset by hand. */
  hasReset = false;
  isDisrupted = true;
  readonly #nodesByHost = new Map<string, ChaosNode>();
  #actionsLeft: number;
  #broken: Error | undefined = undefined;

  constructor(sim: Simulation, workload: Workload) {
    this.sim = sim;
    this.workload = workload;
    this.#actionsLeft = workload.actions;
    sim.invariant("what the runtime promises", () => this.#check());
  }

  get hostNames(): string[] {
    return [...this.#nodesByHost.keys()];
  }

  /** True if actions are left. */
  get hasActions(): boolean {
    return this.#actionsLeft > 0;
  }

  get mayReset(): boolean {
    const { injectedFaults } = this.sim.network;
    return this.hasReset ||
      injectedFaults.some((fault) => fault.startsWith("resets@"));
  }

  broke(what: string): void {
    this.#broken ??= new Error(what);
  }

  /** Starts a process on a host, after the previous one has ended. */
  start(name: string): void {
    const node = new ChaosNode(this, this.sim.host(name));
    this.nodes.push(node);
    this.#nodesByHost.set(name, node);
    node.begin(this.sim.random);
  }

  nodeOn(name: string): ChaosNode {
    return this.#nodesByHost.get(name) as ChaosNode;
  }

  pairTo(host: string, address: SocketAddress): EndPair {
    const client = asTcp(address);
    const key = `${host} ${formatAddress(client)}`;
    let pair = this.pairs.get(key);
    if (pair === undefined) {
      const random = new SimRandom(this.sim.seed * 1000 + client.port);
      pair = new EndPair(this, key, random.pick(FRAMINGS));
      this.pairs.set(key, pair);
    }
    return pair;
  }

  act(node: ChaosNode, random: SimRandom, end?: ChaosEnd): void {
    if (!this.isDisrupted || this.#actionsLeft === 0) return;
    this.#actionsLeft--;
    act(node, random, end);
  }

  #check(): void {
    for (const node of this.nodes) node.check();
    if (this.#broken !== undefined) throw this.#broken;
  }
}
