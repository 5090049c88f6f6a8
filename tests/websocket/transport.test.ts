import { hostAdapter } from "../../mod.ts";
import { backPressurePromises } from "../conformance/back_pressure.ts";
import { closingPromises } from "../conformance/closing.ts";
import { creditPromises } from "../conformance/credit.ts";
import { framingPromises } from "../conformance/framing.ts";
import { halfClosePromises } from "../conformance/half_close.ts";
import { largeMessagePromises } from "../conformance/large_messages.ts";
import { messagePromises } from "../conformance/messages.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { sendingPromises } from "../conformance/sending.ts";
import { transferPromises } from "../conformance/transfer.ts";
import type { Environment } from "../conformance/environment.ts";
import { overWebSockets } from "../support/web_socket_adapter.ts";
import { WebSocketPeer } from "../support/web_socket_peer.ts";

// What depends on what carries the bytes holds over WebSockets as well, but for
// "a connection that breaks": there a process of TCP is killed, and who ends
// without a close frame is told as one that was cut. What a listener drops, and
// what peers are asked for that are processes of their own, knows no handshake:
// host_sockets.test.ts has that.
const adapter = hostAdapter();
const environment: Environment = {
  ...realEnvironment(adapter),
  adapter: overWebSockets(adapter),
  connectPeer: WebSocketPeer.connect,
  tellsReasons: true,
};
transferPromises(environment);
sendingPromises(environment);
framingPromises(environment);
largeMessagePromises(environment);
backPressurePromises(environment);
creditPromises(environment);
halfClosePromises(environment);
closingPromises(environment);
messagePromises(environment);
