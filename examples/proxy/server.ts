// A proxy: passes on what clients send to a server, and its answers back,
// whatever they are. It is a pipe between two connections. After SIGTERM, what
// is under way goes on for as long as --drain says.
//
// Run:  deno run --allow-net --allow-read=. examples/proxy/server.ts --to=127.0.0.1:8080
// Try:  curl http://127.0.0.1:10256/, with http_hello behind it
// Read: passing.ts is all of it.

import { credentialFlags, readCredential } from "../credential.ts";
import { address, integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("Passes bytes on to a server.", {
  ...servingFlags(10256),
  to: address("127.0.0.1:10255", 1, "the server (127.0.0.1:10255)"),
  ...credentialFlags,
  header: integer(0, 0, 2, "version of a PROXY header to send; 0: none"),
  idle: integer(300_000, 0, 2 ** 30, "ms without a byte; 0: for ever"),
});
const tls = await readCredential(flags);
const server = await startServer(flags, reactors, url);
await server.listen("proxy", flags, { maxConnections: 10_000, tls });
await server.run();
