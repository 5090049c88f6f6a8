// Tells each client, for each line, where it is and which proxy it came through;
// an empty line ends the conversation. Until SIGTERM.

import {
  formatAddress,
  framed,
  lines,
  ReactRuntime,
  runOnSignals,
} from "../../mod.ts";
import { hostname, integer, readFlags } from "../flags.ts";

const { host, port, proxy } = readFlags(
  "Tells clients behind a proxy where they are.",
  {
    host: hostname("127.0.0.1", "where to listen"),
    port: integer(10255, 0, 65535, "where to listen"),
    proxy: hostname("127.0.0.1", "the address of the proxy"),
  },
);
const decoder = new TextDecoder();
const runtime = new ReactRuntime();
const listener = await runtime.listen({ hostname: host, port }, {
  onNewConnection: () => ({
    reactor: framed(lines({ max: 1024 }), {
      onMessage(line, ctx) {
        if (line === "") return ctx.close();
        const { remoteAddress, localAddress, proxy: said } = ctx.socket;
        if (said === undefined) return ctx.abort();
        ctx.send([
          `client ${formatAddress(remoteAddress)}`,
          `server ${formatAddress(localAddress)}`,
          `proxy ${formatAddress(said.peerAddress)}`,
          `version ${said.version}`,
          `id ${decoder.decode(said.uniqueId)}`,
        ].join(", "));
      },
    }),
  }),
}, { proxyProtocol: { trusted: [proxy] } });
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
console.log("dropped", JSON.stringify(listener.dropCounts));
