// A proxy: passes bytes on to a server, which it tells by a PROXY header where the
// client is. Until SIGTERM.

import {
  acceptMessages,
  connectMessages,
  formatAddress,
  ReactRuntime,
  runOnSignals,
  toWebStreams,
  unframed,
} from "../../mod.ts";
import { hostname, integer, readFlags } from "../flags.ts";

const { port, to, header } = readFlags("Passes bytes on to a server.", {
  port: integer(10256, 0, 65535, "where to listen"),
  to: hostname("127.0.0.1:10255", "the server"),
  header: integer(2, 1, 2, "its version"),
});
const runtime = new ReactRuntime();
const listener = await runtime.listen(
  { hostname: "127.0.0.1", port },
  acceptMessages(unframed(), async (client) => {
    const server = await connectMessages(runtime, to, unframed(), {
      proxyProtocol: {
        version: header === 1 ? 1 : 2,
        source: client.remoteAddress,
        destination: client.localAddress,
        checksum: header === 2,
      },
    });
    const [near, far] = [toWebStreams(client), toWebStreams(server)];
    await Promise.all([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
  }),
);
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
