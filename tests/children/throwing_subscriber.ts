/**
 * A process with a subscriber that throws, for every connection that opens. It
 * prints a line of JSON when an echo has come back all the same, and ends.
 */

import diagnostics from "node:diagnostics_channel";
import process from "node:process";
import {
  DefaultTcpListenerHandler,
  MessageResult,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";

const uncaught: string[] = [];
process.on("uncaughtException", (error) => uncaught.push(error.message));

let heard = 0;
diagnostics.subscribe("reactio:connection:open", () => {
  throw new Error("thrown by a subscriber");
});
diagnostics.subscribe("reactio:connection:open", () => void heard++);

const echo: Reactor = {
  onInboundMessage(buf, ctx) {
    ctx.sendOrQueue(buf);
    return MessageResult.dropMsgSize(buf.length);
  },
};
const runtime = new ReactRuntime();
const { address } = await runtime.listen(
  "127.0.0.1:0",
  new DefaultTcpListenerHandler(() => echo),
);
const client = await runtime.connect(address, {
  onConnected: (ctx) =>
    void ctx.every(1, () => ctx.sendOrQueue(Uint8Array.of(1))),
  onInboundMessage(buf, ctx) {
    if (uncaught.length === 2) ctx.close();
    return MessageResult.dropMsgSize(buf.length);
  },
});
const reason = await client.whenClosed;
await runtime.stop();
console.log(
  JSON.stringify({ uncaught, heard, reason: reason?.message ?? "none" }),
);
