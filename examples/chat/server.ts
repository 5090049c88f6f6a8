// A chat for everybody: over TCP, as with nc, and in a browser.

import { integer, listenFlags, readFlags } from "../flags.ts";
import { oneThread, servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A chat, for nc and for browsers.", {
  ...servingFlags(7000),
  threads: oneThread("has all the rooms"),
  web: listenFlags(7001).port,
  rooms: integer(100, 1, 100_000, "how many there can be"),
});
const limits = { maxConnections: 10_000, maxConnectionsPerAddress: 1000 };
const server = await startServer(flags, reactors, url);
await server.listen("lines", flags, limits);
await server.listen("web", flags, { ...limits, port: flags.web });
await server.run();
