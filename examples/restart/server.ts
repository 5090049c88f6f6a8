// Answers a line with the number of its process, on the sockets that it was
// handed over, or at an address. After SIGTERM, whoever has connected by then
// gets an answer; others find who has the socket next.
//
// Run:  deno run --allow-net --allow-env=LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES examples/restart/server.ts
// Try:  echo hello | nc 127.0.0.1 7000; supervisor.ts restarts it

import process from "node:process";
import {
  formatAddress,
  framed,
  inheritedSockets,
  lines,
  ReactRuntime,
  runOnSignals,
  type TcpListenerHandler,
} from "../../mod.ts";
import { fail, readFlags, text } from "../flags.ts";

const flags = readFlags("Says which process answers.", {
  at: text(
    "127.0.0.1:7000",
    "where to listen if no sockets were handed over",
    "it needs an address, as 127.0.0.1:7000 or unix:/path",
  ),
});

const handler: TcpListenerHandler = {
  onNewConnection() {
    let isAnswered = false;
    let isLast = false;
    const reactor = framed(lines({ max: 1024 }), {
      onMessage(line, ctx) {
        ctx.send(`${process.pid} ${line}`);
        isAnswered = true;
        if (isLast) ctx.close();
      },
      // Who was accepted just now has asked already, or does so soon.
      onDrain(ctx) {
        isLast = true;
        if (isAnswered) ctx.close();
      },
    });
    return { reactor };
  },
};

const runtime = new ReactRuntime();

/** Listens on what was handed over, or at the address. */
async function listen(): Promise<void> {
  const sockets = inheritedSockets(runtime);
  for (const socket of sockets.length > 0 ? sockets : [flags.at]) {
    const listener = await runtime.listen(socket, handler);
    console.log("listening on", formatAddress(listener.address));
  }
}

await listen().catch(fail);
const ended = runOnSignals(runtime, { drainMs: 10_000 });
console.log("ready");
await ended;
