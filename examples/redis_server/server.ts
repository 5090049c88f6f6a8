// A server that speaks the protocol of Redis: a reactor written by hand, groups
// of subscribers, a file that is written once a turn, and one thread or
// several.
//
// Run:  deno run --allow-net --allow-read=. --allow-write=. examples/redis_server/server.ts
// Try:  redis-cli set greeting hello, or redis-benchmark -P 16 -t set,get
// Read: reactor.ts is one connection and served_client.ts its client; commands/
//       has what can be asked, append_only/ the file, and threads/ what is
//       different with several threads.

import { ReactRuntime } from "../../mod.ts";
import { choice, file, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { keepData, url } from "./reactors.ts";

const flags = readFlags("A server of the protocol of Redis.", {
  ...servingFlags(6379),
  appendonly: file("where to keep all changes; without it nothing is kept"),
  appendfsync: choice(
    ["everysec", "always", "no"],
    "when that is written to the disk",
  ),
});
const server = await startServer(
  flags,
  reactors,
  url,
  () => keepData(flags, new ReactRuntime()),
);
await server.listen("redis", flags, {
  maxConnections: Math.ceil(10_000 / flags.threads),
});
await server.run();
