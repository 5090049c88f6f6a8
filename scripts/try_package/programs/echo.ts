// An echo over TCP.

import { DefaultTcpListenerHandler, ReactRuntime } from "@reactio/reactio";
import { Asker, echo } from "./framing.ts";

await using runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => echo);
const listener = await runtime.listen("127.0.0.1:0", handler);
const asker = new Asker();
await runtime.connect(listener.address, {
  onConnected: asker.onConnected,
  onInboundMessage: asker.onInboundMessage,
  onClose: () => void runtime.stop(),
});
await runtime.run();
asker.verify();
console.log("done");
