// A broker of MQTT 3.1.1, until SIGTERM.

import { credentialFlags, readCredential } from "../credential.ts";
import { integer, readFlags } from "../flags.ts";
import { oneThread, servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A broker of MQTT 3.1.1.", {
  ...servingFlags(1883),
  threads: oneThread("has all sessions"),
  ...credentialFlags,
  maxqueued: integer(1000, 0, 2 ** 20, "messages that wait for a session"),
  maxpacket: integer(2 ** 20, 64, 2 ** 28, "bytes of a packet"),
});

const tls = await readCredential(flags);
const server = await startServer(flags, reactors, url);
await server.listen("mqtt", flags, { maxConnections: 10_000, tls });
await server.run();
