// A server in one thread and a client in another play ping-pong. The client
// finds the server by its name, and sends it a command from thread to thread.
// The main thread keeps the score, which is a service that both ask.
//
// Run:  deno run --allow-net --allow-read=. examples/threaded_pingpong.ts
// Read: threaded_pingpong_reactors.ts has what the threads run.

import { ThreadedReactorMgr } from "../mod.ts";
import type reactors from "./threaded_pingpong_reactors.ts";
import { fail, integer, readFlags } from "./flags.ts";
import { Score } from "./threaded_pingpong_reactors.ts";

const { count, batch } = readFlags("Plays ping-pong between two threads.", {
  count: integer(100_000, 1, 1_000_000_000, "round trips in all"),
  batch: integer(10_000, 1, 1_000_000, "round trips per row of the table"),
});

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const module = new URL(
  `./threaded_pingpong_reactors.${extension}`,
  import.meta.url,
);
const score = new Score();
const threads = await ThreadedReactorMgr.start<typeof reactors>({
  threads: 2,
  module,
  services: { score: () => score },
});
const [serverThread, clientThread] = [0, 1].map((runtimeId) =>
  threads.getCmdSender(runtimeId)
);
serverThread.sendListen("127.0.0.1:0", "server", { name: "server" }, {
  completion(listening) {
    if (!listening.ok) return fail(listening.error);
    const param = { name: "client", server: "server-1", count, batch };
    clientThread.sendConnect(listening.localAddress, "client", param, {
      completion: (result) => result.ok ? undefined : fail(result.error),
    });
  },
});

await score.bothClosed;
await threads.stop();
console.log(`Commands from thread to thread: ${score.commands}`);
