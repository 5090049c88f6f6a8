/**
 * Echo, framed unless the command line says otherwise, or a sink of messages,
 * on Reactio: one callback per message, writes at the end of the turn.
 */

import process from "node:process";
import {
  DefaultTcpListenerHandler,
  hostAdapter,
  nodeAdapter,
  type Reactor,
  ReactRuntime,
} from "../../mod.ts";
import { server as credential } from "../../tests/support/certificates.ts";
import {
  announce,
  IS_ENCODED,
  IS_SINK,
  IS_TLS,
  UNIX_PATH,
  USES_NODE_NET,
} from "./host.ts";
import {
  EncodedEcho,
  FramedEcho,
  PayloadEcho,
  QueuedEcho,
  Sink,
  UnframedEcho,
  ViewingEcho,
} from "./reactors.ts";

/** Creates the reactor that the command line asks for. */
function newReactor(): Reactor {
  if (IS_SINK) return new Sink();
  if (IS_ENCODED) return new EncodedEcho();
  if (process.argv.includes("--unframed")) return new UnframedEcho();
  if (process.argv.includes("--payload")) return new PayloadEcho();
  if (process.argv.includes("--view")) return new ViewingEcho();
  return process.argv.includes("--queue") ? new QueuedEcho() : new FramedEcho();
}

const runtime = new ReactRuntime({
  adapter: USES_NODE_NET ? nodeAdapter : hostAdapter(),
});
const handler = new DefaultTcpListenerHandler(newReactor);
if (UNIX_PATH === undefined) {
  const { address } = await runtime.listen("127.0.0.1:0", handler, {
    ...(IS_TLS && { tls: credential }),
  });
  announce({ port: address.port });
} else {
  await runtime.listen(`unix:${UNIX_PATH}`, handler);
  announce({ path: UNIX_PATH });
}
await runtime.run();
