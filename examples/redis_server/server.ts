// A server of the protocol of Redis, until SIGTERM.

import { type Flag, integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import type { SyncPolicy } from "./append_only/append_only_file.ts";
import reactors, { url } from "./reactors.ts";

const file: Flag<string> = {
  type: "string",
  fallback: "",
  help: "the file to keep all changes in; without it nothing is kept",
  rule: "it needs a path",
  parse: (text = "") => text === "" ? undefined : text,
};

const policy: Flag<SyncPolicy> = {
  type: "string",
  fallback: "everysec",
  help: "when that is written to the disk: always, everysec, no (everysec)",
  rule: "it needs always, everysec or no",
  parse: (text) =>
    text === "always" || text === "everysec" || text === "no"
      ? text
      : undefined,
};

const flags = readFlags("A server of the protocol of Redis.", {
  ...servingFlags(6379),
  threads: {
    ...integer(1, 1, 1, "how many serve: one, which has all the data"),
    rule: "it needs 1, since one thread has all the data, as in Redis",
  },
  appendonly: file,
  appendfsync: policy,
});
const server = await startServer(flags, reactors, url);
await server.listen("redis", flags, { maxConnections: 10_000 });
await server.run();
