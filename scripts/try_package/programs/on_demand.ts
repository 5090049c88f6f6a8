// An echo behind a proxy, with limits and TLS, all of which are loaded on
// demand.

import {
  DefaultTcpListenerHandler,
  InvalidCredentialError,
  ReactRuntime,
} from "@reactio/reactio";
import { echo, FrameSender } from "./framing.ts";

await using runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => echo);
const [cert, key] = ["CERTIFICATE", "PRIVATE KEY"].map((kind) =>
  `-----BEGIN ${kind}-----\nnone\n-----END ${kind}-----`
);
// Only the code that speaks TLS can find out that this is not a certificate.
const failure: unknown = await runtime.listen("127.0.0.1:0", handler, {
  tls: { cert, key },
}).catch((error) => error);
if (!(failure instanceof InvalidCredentialError)) throw failure;

const listener = await runtime.listen("127.0.0.1:0", handler, {
  proxyProtocol: { trusted: ["127.0.0.0/8"] },
  maxConnectionsPerAddress: 1,
});
const sender = new FrameSender();
await runtime.connect(listener.address, {
  onConnected: sender.onConnected,
  onInboundMessage: sender.onInboundMessage,
  onClose: () => void runtime.stop(),
}, { proxyProtocol: { version: 2, command: "local" } });
await runtime.run();
sender.verify();
console.log("done");
