// A server of HTTP/1.1 that says hello, and what it was told at /echo. Until SIGTERM.

import { credentialFlags, readCredential } from "../credential.ts";
import { integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A server of HTTP/1.1 that says hello.", {
  ...servingFlags(8080),
  ...credentialFlags,
  maxbody: integer(2 ** 20, 0, 2 ** 28, "bytes of a body"),
});
const tls = await readCredential(flags);
const server = await startServer(flags, reactors, url);
await server.listen("hello", flags, { maxConnections: 10_000, tls });
await server.run();
