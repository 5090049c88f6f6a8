// Serves ping-pong; examples/echo_client.ts is who to play with.

import process from "node:process";
import {
  formatAddress,
  ReactRuntime,
  type TcpListenerHandler,
} from "../mod.ts";
import { fail, hostname, integer, readFlags, toggle } from "./flags.ts";
import { PingpongReactor } from "./pingpong.ts";

const { host, port, once } = readFlags("Serves ping-pong until Ctrl-C.", {
  host: hostname("127.0.0.1", "where to listen"),
  port: integer(10254, 0, 65535, "the port; 0 lets the system choose"),
  once: toggle("serve one client only"),
});

const runtime = new ReactRuntime();

const handler: TcpListenerHandler = {
  onNewConnection(listener) {
    if (once) runtime.cmdSender.sendClose(listener.id);
    return { reactor: new PingpongReactor() };
  },
};

const listener = await runtime.listen({ hostname: host, port }, handler)
  .catch(fail);
console.log(`Listening on ${formatAddress(listener.address)}`);

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
await runtime.run({ signal: interrupt.signal });
console.log("Done");
