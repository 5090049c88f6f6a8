// An echo over TCP, served by two threads.

import { ReactRuntime, ThreadedReactorMgr } from "@reactio/reactio";
import { FrameSender } from "./framing.ts";
import type reactors from "./reactors.ts";

await using threads = await ThreadedReactorMgr.start<typeof reactors>({
  threads: 2,
  module: new URL("./reactors.js", import.meta.url),
});
const listener = await threads.listenAll("127.0.0.1:0", "echo");
await using runtime = new ReactRuntime();
const senders = Array.from({ length: 8 }, () => new FrameSender());
for (const sender of senders) await runtime.connect(listener.address, sender);
await runtime.run();
for (const sender of senders) sender.verify();
console.log("done");
