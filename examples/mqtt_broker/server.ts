// A broker of MQTT 3.1.1, until SIGTERM.

import { ReactRuntime } from "../../mod.ts";
import { credentialFlags, readCredential } from "../credential.ts";
import { integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { shareBroker, url } from "./reactors.ts";

const flags = readFlags("A broker of MQTT 3.1.1.", {
  ...servingFlags(1883),
  ...credentialFlags,
  maxqueued: integer(1000, 0, 2 ** 20, "messages that wait for a session"),
  maxabsent: integer(256, 0, 2 ** 16, "MiB kept for all clients that are gone"),
  // A connection holds as much that is to be sent.
  maxpacket: integer(2 ** 20, 64, 2 ** 26, "bytes of a packet"),
});

const tls = await readCredential(flags);
const share = () => shareBroker(flags, new ReactRuntime());
const server = await startServer(flags, reactors, url, share);
await server.listen("mqtt", flags, {
  maxConnections: Math.ceil(10_000 / flags.threads),
  tls,
});
await server.run();
