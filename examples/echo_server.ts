// A server of ping-pong: a reactor by hand that sends back what it gets.
// echo_client.ts is who to play with.
//
// Run:  deno run --allow-net examples/echo_server.ts
// Read: pingpong.ts has the reactors of both.

import {
  formatAddress,
  ReactRuntime,
  runOnSignals,
  type TcpListenerHandler,
} from "../mod.ts";
import { fail, listenFlags, readFlags, toggle } from "./flags.ts";
import { PingpongReactor } from "./pingpong.ts";

const flags = readFlags("Serves ping-pong until SIGTERM or Ctrl-C.", {
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
await runOnSignals(runtime);
console.log("Done");
