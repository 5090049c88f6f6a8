import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Address, ReactRuntime } from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { type Context, signal, sink, withRuntime } from "./support.ts";

/**
 * How many files the server may open, and how many clients connect. Node opens
 * many of its modules at once.
 */
const FILE_LIMIT = 160;
const CLIENTS = 200;

/** A server recovers from running out of file descriptors. */
export function exhaustionPromises(environment: Environment): void {
  const { adapter, eventually, startLimitedServer } = environment;
  if (startLimitedServer === undefined) return;

  describe(`${adapter.name}: out of file descriptors`, () => {
    it("a server goes on serving the clients it has, and serves new ones when others have left", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = await startLimitedServer(FILE_LIMIT);
        try {
          const { address } = server;
          const first = new EchoClient(runtime, address);
          assert.equal(await first.isAnswered, true);

          const others = Array.from(
            { length: CLIENTS },
            () => new EchoClient(runtime, address),
          );
          for (const other of others) await other.isOpen;
          for (let i = 0; i < 200; i++) {
            assert.equal(await first.askAgain(), true);
          }
          const served = others.filter(({ answers }) => answers > 0).length;
          assert.ok(served > 0, "it served none of them");
          assert.ok(served < CLIENTS, "it had files for all of them");

          for (const other of others) other.leave();
          await eventually(() => runtime.connectionCount === 1, "they left");
          assert.equal(
            await servesAnother(environment, runtime, address),
            true,
          );
          assert.equal(await first.askAgain(), true);
          assert.ok(server.isAlive);
        } finally {
          server.kill();
        }
      }));
  });
}

/**
 * Resolves to true as soon as a new client gets an answer, to false if none
 * does for long.
 */
async function servesAnother(
  { sleep }: Environment,
  runtime: ReactRuntime,
  address: Address,
): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const client = new EchoClient(runtime, address);
    const patience = sleep(1000).then(() => false);
    if (await Promise.race([client.isAnswered, patience])) return true;
    client.leave();
  }
  return false;
}

/** A client that sends a byte and waits for the echo. */
class EchoClient {
  answers = 0;
  /** Resolves when it has connected, or failed to. */
  readonly isOpen: Promise<unknown>;
  #answer = signal<boolean>();
  #ctx: Context | undefined = undefined;

  constructor(runtime: ReactRuntime, address: Address) {
    const handlers = sink({
      onConnected: (ctx) => {
        this.#ctx = ctx;
        ctx.sendOrQueue(Uint8Array.of(1));
      },
      onReadable: ({ reader }) => {
        this.answers += reader.bytesBuffered;
        reader.clear();
        this.#answer.resolve(true);
      },
      onClose: () => this.#answer.resolve(false),
    });
    this.isOpen = runtime.connect(address, handlers)
      .catch(() => this.#answer.resolve(false));
  }

  /**
   * Resolves to true when the echo has arrived, to false when the connection
   * has closed.
   */
  get isAnswered(): Promise<boolean> {
    return this.#answer.promise;
  }

  askAgain(): Promise<boolean> {
    this.#answer = signal<boolean>();
    if (this.#ctx!.sendOrQueue(Uint8Array.of(1)) === "closed") {
      this.#answer.resolve(false);
    }
    return this.isAnswered;
  }

  leave(): void {
    this.#ctx?.abort();
  }
}
