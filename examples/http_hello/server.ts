// A server of HTTP/1.1 that says hello, and at /echo what it was told: a codec
// of its own, answers to what it refuses, pipelining, limits of time and size,
// TLS.
//
// Run:  deno run --allow-net --allow-read=. examples/http_hello/server.ts
// Try:  curl http://127.0.0.1:8080/, or curl -d hi http://127.0.0.1:8080/echo
// Read: hello.ts answers; codec.ts finds requests in the stream, with head.ts
//       and chunks.ts.

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
