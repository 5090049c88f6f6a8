// A server of the protocol of Redis, until SIGTERM.

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
