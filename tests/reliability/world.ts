import {
  formatAddress,
  SimRandom,
  type Simulation,
  type SocketAddress,
} from "../../mod.ts";
import { act } from "./actions.ts";
import type { End } from "./end.ts";
import { FRAMINGS } from "./framing.ts";
import type { Ground } from "./ground.ts";
import { Link } from "./link.ts";
import { Site } from "./site.ts";
import { asTcp } from "../tcp.ts";

/** One run: the processes, the connections between them, and the first promise that was broken. */
export class World {
  /** Every process that there was. */
  readonly sites: Site[] = [];
  /** Every end that there was. */
  readonly ends: End[] = [];
  readonly links = new Map<string, Link>();
  /** Connections were reset by hand. */
  hasReset = false;
  /** It is time for actions. */
  isTroubled = true;
  readonly #sitesByHost = new Map<string, Site>();
  #actionsLeft: number;
  #broken: Error | undefined = undefined;

  constructor(readonly sim: Simulation, readonly ground: Ground) {
    this.#actionsLeft = ground.actions;
    sim.invariant("what the runtime promises", () => this.#check());
  }

  /** The hosts on which a process was started. */
  get hostNames(): string[] {
    return [...this.#sitesByHost.keys()];
  }

  /** False if it has seen enough actions. */
  get hasActions(): boolean {
    return this.#actionsLeft > 0;
  }

  /** Connections may have been reset by nobody that has a part in them. */
  get mayReset(): boolean {
    const { injectedFaults } = this.sim.network;
    return this.hasReset ||
      injectedFaults.some((fault) => fault.startsWith("resets@"));
  }

  /** A promise was broken. */
  broke(what: string): void {
    this.#broken ??= new Error(what);
  }

  /** Starts a process on a host, after what ran there. */
  start(name: string): void {
    const site = new Site(this, this.sim.host(name));
    this.sites.push(site);
    this.#sitesByHost.set(name, site);
    site.begin(this.sim.random);
  }

  /** The process that runs on a host, or ran last. */
  siteOn(name: string): Site {
    return this.#sitesByHost.get(name) as Site;
  }

  /** The connection that comes to a host from `address`. */
  linkTo(host: string, address: SocketAddress): Link {
    const client = asTcp(address);
    const key = `${host} ${formatAddress(client)}`;
    let link = this.links.get(key);
    if (link === undefined) {
      const random = new SimRandom(this.sim.seed * 1000 + client.port);
      link = new Link(this, key, random.pick(FRAMINGS));
      this.links.set(key, link);
    }
    return link;
  }

  /** Has somebody on `site` do something, if enough was not done yet; `end` is who is at it. */
  act(site: Site, random: SimRandom, end?: End): void {
    if (!this.isTroubled || this.#actionsLeft === 0) return;
    this.#actionsLeft--;
    act(site, random, end);
  }

  #check(): void {
    for (const site of this.sites) site.check();
    if (this.#broken !== undefined) throw this.#broken;
  }
}
