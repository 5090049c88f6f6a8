/**
 * Measures the cost of an inspector: a runtime with many connections on a
 * simulated network, queried as the page does every second. Prints a line of
 * JSON: the median milliseconds of thread time per query.
 */

import process from "node:process";
import { inspect, type Reactor, ReactRuntime, SimNetwork } from "../../mod.ts";

const CONNECTIONS = Number(process.argv[2] ?? 50_000);
const ROUNDS = 15;

const QUESTIONS = {
  overview: "overview",
  byId: "connections?sort=id&limit=50",
  byRate: "connections?sort=in&order=desc&limit=50",
  search: "connections?sort=age&search=no-such-peer&limit=50",
  closed: "closed?limit=100",
};

const network = new SimNetwork({ latencyMs: 1, jitterMs: 0 });
const server = new ReactRuntime({ adapter: network.host("server").adapter });
const silent: Reactor = { onInboundMessage: (buf) => buf.length as never };
await server.listen("server:80", {
  onNewConnection: () => ({ reactor: silent }),
});
// A host has a limited range of ports for outgoing connections.
for (let host = 0; host < 5; host++) {
  const { adapter } = network.host(`client${host}`);
  const client = new ReactRuntime({ adapter });
  for (let i = 0; i < CONNECTIONS / 5; i++) {
    await client.connect("server:80", silent);
  }
}
const inspector = await inspect(server, { address: "127.0.0.1:81" });
const asker = new ReactRuntime({ adapter: network.host("server").adapter });

/**
 * Sends a query on a new connection: an idle one would be closed, because
 * simulated time passes at once when nothing is to be done.
 */
async function ask(path: string): Promise<number> {
  const request = `GET /api/${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const start = performance.now();
  const { whenClosed } = await asker.connect(inspector.address, {
    onConnected: (ctx) =>
      void ctx.sendOrQueue(new TextEncoder().encode(request)),
    onInboundMessage(buf, ctx) {
      ctx.close();
      return buf.length as never;
    },
  });
  await whenClosed;
  return performance.now() - start;
}

const results: Record<string, number> = {};
for (const [name, path] of Object.entries(QUESTIONS)) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await ask(path));
  }
  const [median] = times.toSorted((a, b) => a - b).slice(ROUNDS >> 1);
  results[name] = Number(median.toFixed(1));
}
console.log(JSON.stringify({ connections: CONNECTIONS, ms: results }));
process.exit();
