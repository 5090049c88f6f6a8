// Says something to a server in TLS, and prints what comes back.
//
// Run:  deno run --allow-net --allow-read=. examples/tls_echo/client.ts --ca=cert.pem
// Try:  server.ts beside it is who answers

import { connectMessages, lines, ReactRuntime } from "../../mod.ts";
import {
  clientCredentialFlags,
  readCredential,
  readTrust,
  trustFlags,
} from "../credential.ts";
import { connectFlags, fail, readFlags, text } from "../flags.ts";

const flags = readFlags("Says something to a server in TLS.", {
  ...connectFlags(4443),
  ...trustFlags,
  ...clientCredentialFlags,
  say: text("hello", "what to say", "it needs a text"),
});
const tls = { ...await readTrust(flags), ...await readCredential(flags) };
const runtime = new ReactRuntime();
try {
  const server = await connectMessages(runtime, flags, lines(), { tls });
  server.send(flags.say);
  console.log("answered:", await server.receive());
  await server.close();
} catch (error) {
  fail(error);
}
