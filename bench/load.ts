/**
 * The load generator: a closed loop over bare Bun sockets, in a process of its
 * own. `bun bench/load.ts PORT CONNECTIONS MESSAGES BYTES SECONDS` keeps so many
 * messages of so many bytes in flight on each of so many connections, and prints
 * what came back as one line of JSON.
 */

import process from "node:process";
import { message } from "./framing.ts";

/** What the load generator prints. */
export interface LoadReport {
  /** Messages that came back after the warm-up, per second. */
  readonly perSecond: number;
  /** Messages that came back in all, the warm-up included. */
  readonly messages: number;
  /** Round trips after the warm-up, in microseconds. */
  readonly p50: number;
  readonly p999: number;
}

interface BunSocket {
  data: Client;
  write(bytes: Uint8Array, offset: number, length: number): number;
  terminate(): void;
}

const { Bun } = globalThis as unknown as {
  Bun: { connect(options: unknown): Promise<BunSocket> };
};

const WARM_UP_SECONDS = 0.5;
const MAX_SAMPLES = 2_000_000;

const [port, connections, inFlight, size, seconds] = process.argv.slice(2).map(
  Number,
);
const burst = new Uint8Array(inFlight * size);
for (let i = 0; i < inFlight; i++) burst.set(message(size), i * size);

let messages = 0;
const roundTrips = new Float64Array(MAX_SAMPLES);
let countRoundTrips = 0;

/** One connection: sends a message for each that comes back. */
class Client {
  /** When the messages in flight were sent, in order, as a ring. */
  readonly #sentAt = new Float64Array(inFlight);
  #oldest = 0;
  #partial = 0;
  #toSend = burst.length;
  #sent = 0;

  begin(socket: BunSocket): void {
    this.#sentAt.fill(performance.now());
    this.send(socket);
  }

  receive(socket: BunSocket, bytes: number): void {
    const now = performance.now();
    const total = this.#partial + bytes;
    const whole = Math.floor(total / size);
    this.#partial = total - whole * size;
    messages += whole;
    for (let i = 0; i < whole; i++) {
      if (countRoundTrips < MAX_SAMPLES) {
        roundTrips[countRoundTrips++] = now - this.#sentAt[this.#oldest];
      }
      this.#sentAt[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % inFlight;
    }
    this.#toSend += whole * size;
    this.send(socket);
  }

  /** The bytes of `burst` repeat, so where to go on is known from how many were sent. */
  send(socket: BunSocket): void {
    while (this.#toSend > 0) {
      const offset = this.#sent % burst.length;
      const length = Math.min(this.#toSend, burst.length - offset);
      const taken = socket.write(burst, offset, length);
      if (taken < 0) throw new Error("The server closed a connection");
      this.#sent += taken;
      this.#toSend -= taken;
      if (taken < length) return;
    }
  }
}

const sockets = await Promise.all(
  Array.from({ length: connections }, () =>
    Bun.connect({
      hostname: "127.0.0.1",
      port,
      data: new Client(),
      socket: {
        data: (socket: BunSocket, chunk: Uint8Array) =>
          socket.data.receive(socket, chunk.length),
        drain: (socket: BunSocket) => socket.data.send(socket),
      },
    })),
);
for (const socket of sockets) socket.data.begin(socket);

await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1000));
const before = messages;
countRoundTrips = 0;
const start = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const perSecond = (messages - before) / (performance.now() - start) * 1000;
const sorted = roundTrips.subarray(0, countRoundTrips).sort();
const percentile = (p: number) =>
  1000 * sorted[Math.min(countRoundTrips - 1, Math.floor(p * countRoundTrips))];
const report: LoadReport = {
  perSecond,
  messages,
  p50: percentile(0.5),
  p999: percentile(0.999),
};
console.log(JSON.stringify(report));
for (const socket of sockets) socket.terminate();
process.exit(0);
