// A server of the protocol of Redis, until SIGTERM.

import { choice, file, readFlags } from "../flags.ts";
import { oneThread, servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A server of the protocol of Redis.", {
  ...servingFlags(6379),
  threads: oneThread("has all the data, as in Redis"),
  appendonly: file("where to keep all changes; without it nothing is kept"),
  appendfsync: choice(
    ["everysec", "always", "no"],
    "when that is written to the disk",
  ),
});
const server = await startServer(flags, reactors, url);
await server.listen("redis", flags, { maxConnections: 10_000 });
await server.run();
