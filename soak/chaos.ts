import type { Address, SimRandom } from "../mod.ts";
import { LONGEST_PAUSE_MS } from "./end_plan.ts";
import { ServerNode } from "./server_node.ts";
import { SoakNode } from "./soak_node.ts";
import { sleep, type SoakTopology } from "./slots.ts";
import type { SoakHarness } from "./harness.ts";
import { asTcp, tcp } from "../tests/support/tcp.ts";

const LONGEST_BREAK_MS = 20;
const LONGEST_DELAY_MS = 200;

/**
 * The library's nodes, a server and two clients (one of which is polled), and
 * the disruptions from outside.
 */
export class Chaos implements SoakTopology {
  readonly peers: Address;
  readonly #harness: SoakHarness;
  readonly #random: SimRandom;
  readonly #onMoved: (port: number) => void;
  #server: ServerNode;
  #clients: SoakNode[];
  #port = 0;
  /** Nodes that are being stopped while others go on. */
  readonly #stopping = new Set<Promise<void>>();

  /** `onMoved` is called when the server starts to listen on another port. */
  constructor(
    harness: SoakHarness,
    random: SimRandom,
    peers: Address,
    onMoved: (port: number) => void,
  ) {
    this.peers = peers;
    this.#harness = harness;
    this.#random = random;
    this.#onMoved = onMoved;
    this.#server = new ServerNode(harness, random);
    this.#clients = [true, false].map((isPolled) => this.#newClient(isPolled));
  }

  node(): SoakNode {
    return this.#random.pick(this.#clients);
  }

  library(): Address {
    return tcp("127.0.0.1", this.#port);
  }

  /** Starts listening. */
  async start(): Promise<void> {
    await this.#server.listen(this.#port);
    this.#moved();
  }

  /** Disrupts the nodes until the soak rests. */
  async run(): Promise<void> {
    while (!this.#harness.isResting) {
      await sleep(this.#random.integer(0, LONGEST_BREAK_MS));
      const choice = this.#random.integer(0, 999);
      if (choice < 10) await this.#replaceServer();
      else if (choice < 20) this.#replaceClient();
      else if (choice < 50) await this.#reopen();
      else if (choice < 100) this.#commandGone();
      else this.#commandAny();
    }
  }

  /** Stops all nodes gracefully. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all([
      ...this.#stopping,
      ...[this.#server, ...this.#clients].map((node) => node.stop(graceMs)),
    ]);
  }

  #newClient(isPolled: boolean): SoakNode {
    return new SoakNode(this.#harness, this.#random, isPolled);
  }

  #moved(): void {
    const { port } = asTcp(this.#server.address);
    if (port !== this.#port) this.#onMoved(this.#port = port);
  }

  /** Closes the listener and listens on the same port again. */
  async #reopen(): Promise<void> {
    this.#harness.tally.fault("listener reopened");
    await this.#server.closeListener();
    await this.#startServer();
  }

  /**
   * Replaces the server by a new one on the same port. The old one still serves
   * its connections.
   */
  async #replaceServer(): Promise<void> {
    this.#harness.tally.fault("server runtime replaced");
    const old = this.#server;
    await old.closeListener();
    this.#stop(old);
    this.#server = new ServerNode(this.#harness, this.#random);
    await this.#startServer();
  }

  #replaceClient(): void {
    this.#harness.tally.fault("client runtime replaced");
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

  #stop(node: SoakNode): void {
    const stopped = node.stop(this.#graceMs()).then(() => {
      this.#stopping.delete(stopped);
    });
    this.#stopping.add(stopped);
  }

  #graceMs(): number {
    return this.#random.pick([0, 100, 5000]);
  }

  /** Sends a command to a connection: to execute now, later, or never. */
  #commandAny(): void {
    const random = this.#random;
    const ends = [...this.#harness.open];
    if (ends.length === 0) return;
    const end = random.pick(ends);
    const { node, id } = end;
    if (id === undefined || node.isStopping) return;
    const delayMs = random.chance(0.5)
      ? 0
      : random.integer(1, LONGEST_DELAY_MS);
    const cancelAfterMs = random.chance(0.2)
      ? random.integer(0, LONGEST_DELAY_MS)
      : undefined;
    if (random.chance(0.2)) {
      const isAbort = random.chance(0.3);
      this.#harness.tally.fault(
        isAbort ? "abort by command" : "close by command",
      );
      end.closeRequested(isAbort);
      void node.commands.sendClose(id, isAbort, delayMs);
    } else {
      const kind = random.pick(["nothing", "pause", "more"] as const);
      const ms = random.integer(0, LONGEST_PAUSE_MS);
      node.commands.sendUser(id, kind, ms, delayMs, cancelAfterMs);
    }
  }

  /** A command to a reactor that is gone must fail. */
  #commandGone(): void {
    const node = this.#random.pick([this.#server, ...this.#clients]);
    if (node.goneIds.length === 0 || node.isStopping) return;
    this.#harness.tally.fault("command to a reactor that is gone");
    void node.commands.sendClose(this.#random.pick(node.goneIds), true, 0)
      .then((result) => {
        if (result.ok) {
          this.#harness.tally.breaks(
            "the id of a reactor that is gone was found",
          );
        }
      });
  }
}
