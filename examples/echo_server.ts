// Serves ping-pong; examples/echo_client.ts is who to play with.

import process from "node:process";
import {
  formatAddress,
  ReactRuntime,
  type TcpListenerHandler,
} from "../mod.ts";
import { fail, listenFlags, readFlags, toggle } from "./flags.ts";
import { PingpongReactor } from "./pingpong.ts";

const flags = readFlags("Serves ping-pong until Ctrl-C.", {
  ...listenFlags(10254),
  once: toggle("serve one client only"),
});

const runtime = new ReactRuntime();

const handler: TcpListenerHandler = {
  onNewConnection(listener) {
    if (flags.once) runtime.cmdSender.sendClose(listener.id);
    return { reactor: new PingpongReactor() };
  },
};

const listener = await runtime.listen(flags, handler).catch(fail);
console.log(`Listening on ${formatAddress(listener.address)}`);

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
await runtime.run({ signal: interrupt.signal });
console.log("Done");
