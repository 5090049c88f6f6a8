// A broker of MQTT 3.1.1: a codec of its own, state that outlives connections,
// bounds for everything that waits, and one thread or several.
//
// Run:  deno run --allow-net --allow-read=. examples/mqtt_broker/server.ts
// Try:  mosquitto_sub -t 'a/#', and in another terminal mosquitto_pub -t a/b -m
//       hello
// Read: codec.ts and packets.ts are the protocol, client.ts is what the broker
//       does for a packet, broker.ts and session.ts are what it remembers;
//       broker_connection.ts is one connection, and reactors.ts puts them
//       together.

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
