// An echo over TCP, served by two threads.

import { ReactRuntime, ThreadedReactorMgr } from "@reactio/reactio";
import { Asker } from "./framing.ts";
import type reactors from "./reactors.ts";

await using threads = await ThreadedReactorMgr.start<typeof reactors>({
  threads: 2,
  module: new URL("./reactors.js", import.meta.url),
});
const listener = await threads.listenAll("127.0.0.1:0", "echo");
await using runtime = new ReactRuntime();
const askers = Array.from({ length: 8 }, () => new Asker());
for (const asker of askers) await runtime.connect(listener.address, asker);
await runtime.run();
for (const asker of askers) asker.verify();
console.log("done");
