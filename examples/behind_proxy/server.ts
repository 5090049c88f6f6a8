// A server behind a proxy that sends PROXY headers: tells each client, for each
// line, where it is and which proxy it came through. An empty line ends the
// conversation.
//
// Run:  deno run --allow-net examples/behind_proxy/server.ts
// Try:  printf 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\nhello\n\n' | nc
//       127.0.0.1 10255

import {
  DefaultTcpListenerHandler,
  formatAddress,
  framed,
  lines,
  ReactRuntime,
  runOnSignals,
} from "../../mod.ts";
import { fail, ipAddress, listenFlags, readFlags } from "../flags.ts";

const flags = readFlags("Tells clients behind a proxy where they are.", {
  ...listenFlags(10255),
  proxy: ipAddress("127.0.0.1", "the address of the proxy"),
});
const decoder = new TextDecoder();
const runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() =>
  framed(lines({ max: 1024 }), {
    onMessage(line, ctx) {
      if (line === "") return ctx.close();
      const { remoteAddress, localAddress, proxy } = ctx.socket;
      if (proxy === undefined) return ctx.abort();
      ctx.send([
        `client ${formatAddress(remoteAddress)}`,
        `server ${formatAddress(localAddress)}`,
        `proxy ${formatAddress(proxy.peerAddress)}`,
        `version ${proxy.version}`,
        `id ${decoder.decode(proxy.uniqueId)}`,
      ].join(", "));
    },
  })
);
const listener = await runtime.listen(flags, handler, {
  proxyProtocol: { trusted: [flags.proxy] },
}).catch(fail);
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
console.log("dropped", JSON.stringify(listener.dropCounts));
