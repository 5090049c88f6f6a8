// An echo over TCP.

import { DefaultTcpListenerHandler, ReactRuntime } from "@reactio/reactio";
import { echo, FrameSender } from "./framing.ts";

await using runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => echo);
const listener = await runtime.listen("127.0.0.1:0", handler);
const sender = new FrameSender();
await runtime.connect(listener.address, {
  onConnected: sender.onConnected,
  onInboundMessage: sender.onInboundMessage,
  onClose: () => void runtime.stop(),
});
await runtime.run();
sender.verify();
console.log("done");
