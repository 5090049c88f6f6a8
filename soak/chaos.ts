import type { Address } from "../mod.ts";
import type { Random } from "../tests/random.ts";
import { LONGEST_PAUSE_MS } from "./mischief.ts";
import { ServerSite } from "./server_site.ts";
import { Site } from "./site.ts";
import { type Places, sleep } from "./slots.ts";
import type { World } from "./world.ts";
import { asTcp, tcp } from "../tests/tcp.ts";

const LONGEST_BREAK_MS = 20;
const LONGEST_DELAY_MS = 200;

/** Where the library lives: a server, and two clients of which one is polled. Things are done to them from outside. */
export class Chaos implements Places {
  readonly peers: Address;
  readonly #world: World;
  readonly #random: Random;
  readonly #onMoved: (port: number) => void;
  #server: ServerSite;
  #clients: Site[];
  #port = 0;
  /** Sites that are being stopped while others go on. */
  readonly #stopping = new Set<Promise<void>>();

  /** `onMoved` is called when the server listens elsewhere. */
  constructor(
    world: World,
    random: Random,
    peers: Address,
    onMoved: (port: number) => void,
  ) {
    this.peers = peers;
    this.#world = world;
    this.#random = random;
    this.#onMoved = onMoved;
    this.#server = new ServerSite(world, random);
    this.#clients = [true, false].map((isPolled) => this.#newClient(isPolled));
  }

  site(): Site {
    return this.#random.pick(this.#clients);
  }

  library(): Address {
    return tcp("127.0.0.1", this.#port);
  }

  /** Begins to listen. */
  async start(): Promise<void> {
    await this.#server.listen(this.#port);
    this.#moved();
  }

  /** Does one thing after the other until the world rests. */
  async run(): Promise<void> {
    while (!this.#world.isResting) {
      await sleep(this.#random.integer(0, LONGEST_BREAK_MS));
      const choice = this.#random.integer(0, 999);
      if (choice < 10) await this.#replaceServer();
      else if (choice < 20) this.#replaceClient();
      else if (choice < 50) await this.#reopen();
      else if (choice < 100) this.#commandTheGone();
      else this.#commandSomebody();
    }
  }

  /** Stops all of it, in good order. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all([
      ...this.#stopping,
      ...[this.#server, ...this.#clients].map((site) => site.stop(graceMs)),
    ]);
  }

  #newClient(isPolled: boolean): Site {
    return new Site(this.#world, this.#random, isPolled);
  }

  #moved(): void {
    const { port } = asTcp(this.#server.address);
    if (port !== this.#port) this.#onMoved(this.#port = port);
  }

  /** Closes the listener, and listens again on the same port. */
  async #reopen(): Promise<void> {
    this.#world.tally.fault("listener reopened");
    await this.#server.closeListener();
    await this.#startServer();
  }

  /** While the old one still serves the connections that it has, the new one listens on its port. */
  async #replaceServer(): Promise<void> {
    this.#world.tally.fault("server runtime replaced");
    const old = this.#server;
    await old.closeListener();
    this.#stop(old);
    this.#server = new ServerSite(this.#world, this.#random);
    await this.#startServer();
  }

  #replaceClient(): void {
    this.#world.tally.fault("client runtime replaced");
    const i = this.#random.integer(0, this.#clients.length - 1);
    this.#stop(this.#clients[i]);
    this.#clients[i] = this.#newClient(this.#random.chance(0.5));
  }

  async #startServer(): Promise<void> {
    if (this.#random.chance(0.3)) {
      await sleep(this.#random.integer(1, LONGEST_DELAY_MS));
    }
    await this.start();
  }

  #stop(site: Site): void {
    const stopped = site.stop(this.#graceMs()).then(() => {
      this.#stopping.delete(stopped);
    });
    this.#stopping.add(stopped);
  }

  #graceMs(): number {
    return this.#random.pick([0, 100, 5000]);
  }

  /** Gives a command to a connection, to be carried out now, later, or not at all. */
  #commandSomebody(): void {
    const random = this.#random;
    const ends = [...this.#world.open];
    if (ends.length === 0) return;
    const end = random.pick(ends);
    const { site, id } = end;
    if (id === undefined || site.isStopping) return;
    const delayMs = random.chance(0.5)
      ? 0
      : random.integer(1, LONGEST_DELAY_MS);
    const cancelAfterMs = random.chance(0.2)
      ? random.integer(0, LONGEST_DELAY_MS)
      : undefined;
    if (random.chance(0.2)) {
      const isAbort = random.chance(0.3);
      this.#world.tally.fault(
        isAbort ? "abort by command" : "close by command",
      );
      end.closeRequested(isAbort);
      void site.commands.sendClose(id, isAbort, delayMs);
    } else {
      const kind = random.pick(["nothing", "pause", "more"] as const);
      const ms = random.integer(0, LONGEST_PAUSE_MS);
      site.commands.sendUser(id, kind, ms, delayMs, cancelAfterMs);
    }
  }

  /** The id of a reactor that is gone finds nobody. */
  #commandTheGone(): void {
    const site = this.#random.pick([this.#server, ...this.#clients]);
    if (site.goneIds.length === 0 || site.isStopping) return;
    this.#world.tally.fault("command to the gone");
    void site.commands.sendClose(this.#random.pick(site.goneIds), true, 0)
      .then((result) => {
        if (result.ok) {
          this.#world.tally.breaks(
            "the id of a reactor that is gone was found",
          );
        }
      });
  }
}
