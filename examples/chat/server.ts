// A chat for everybody: over TCP, as with nc, and in a browser.

import { integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A chat, for nc and for browsers.", {
  ...servingFlags(7000),
  threads: {
    ...integer(1, 1, 1, "how many serve: one, which has all the rooms"),
    rule: "it needs 1, since who is in a room is in its thread",
  },
  web: integer(
    7001,
    0,
    65535,
    "the port of the page; 0 lets the system choose",
  ),
  rooms: integer(100, 1, 100_000, "how many there can be"),
});
const limits = { maxConnections: 10_000, maxConnectionsPerAddress: 1000 };
const server = await startServer(flags, reactors, url);
await server.listen("lines", flags, limits);
await server.listen("web", flags, { ...limits, port: flags.web });
await server.run();
