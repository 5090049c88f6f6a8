import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Address } from "../mod.ts";
import { type FromPeers, hear, say, type ToPeers } from "./lines.ts";
import type { SoakHarness } from "./harness.ts";
import { tcp } from "../tests/support/tcp.ts";

/** The first process's handle to the process of the plain sockets. */
export class PeersProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<void>;
  #onPort!: (port: number) => void;
  readonly #port = new Promise<number>((resolve) => this.#onPort = resolve);
  #onRested = () => {};
  #isEnding = false;

  constructor([program, ...args]: string[], harness: SoakHarness) {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#exited = new Promise((resolve) => {
      this.#child.on("exit", (code) => {
        if (!this.#isEnding) {
          harness.tally.breaks(`the plain sockets' process ended with ${code}`);
        }
        this.#onRested();
        resolve();
      });
    });
    hear<FromPeers>(this.#child.stdout, ({ port, end, rested }) => {
      if (port !== undefined) this.#onPort(port);
      if (end !== undefined) harness.ledger.add(end);
      if (rested !== undefined) {
        harness.tally.add(rested);
        this.#onRested();
      }
    }, () => {});
  }

  /** Resolves to the address of its server. */
  async address(): Promise<Address> {
    return tcp("127.0.0.1", await this.#port);
  }

  /** Makes it connect to the library at `port` from now on. */
  play(port: number): void {
    this.#say({ port });
  }

  /** Makes it rest. Resolves when it does. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRested = resolve;
      this.#say({});
    });
  }

  /** Ends it. */
  end(): Promise<void> {
    this.#isEnding = true;
    this.#child.stdin.end();
    return this.#exited;
  }

  #say(message: ToPeers): void {
    void say(this.#child.stdin, message);
  }
}
