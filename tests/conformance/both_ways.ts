import {
  byProperty,
  DefaultTcpListenerHandler,
  type ReactRuntime,
  RequestClient,
  type RequestServer,
  serve,
} from "../../mod.ts";
import { type Call, calls, callsOf } from "../support/calls.ts";
import { asTcp } from "../support/tcp.ts";
import type { Handler, ServerOptions } from "./by_hand.ts";
import type { Environment } from "./environment.ts";
import type { ClientOptions } from "./scripted.ts";

const REQUEST = 0;
export const ANSWER = 1;

export const correlate = byProperty("id", { maxId: 254 });

/** The answer to a request is its value plus 1000. */
export const answerOf = (request: Call): Call => ({
  ...request,
  op: ANSWER,
  value: request.value + 1000,
});

export type Server = RequestServer<unknown, Call, Call>;

/** Makes a client that answers on the same connection. */
export function answeringClient(
  runtime: ReactRuntime,
  server: Server,
  options: ClientOptions = {},
): RequestClient<Call, Call> {
  return new RequestClient(runtime, calls, {
    correlate,
    isUnsolicited: ({ op }: Call) => op === REQUEST,
    server,
    ...options,
  });
}

/** Listens with a client that answers for one connection, which is made by hand. */
export async function openBothWays(
  { anyPort, connectPeer, eventually }: Environment,
  runtime: ReactRuntime,
  handler: Handler,
  serverOptions: ServerOptions = {},
  options: ClientOptions = {},
) {
  const closed: (Error | undefined)[] = [];
  const server = serve(calls, handler, { order: "any", ...serverOptions });
  const client = answeringClient(runtime, server, {
    onClose: (reason) => void closed.push(reason),
    ...options,
  });
  const { address } = await runtime.listen(
    anyPort,
    new DefaultTcpListenerHandler(() => client.reactor()),
  );
  const peer = await connectPeer(asTcp(address));
  await eventually(() => client.isConnected, "it is accepted");
  const has = (count: number) =>
    eventually(
      () => callsOf(peer.chunks).length >= count,
      `${count} messages came in`,
    );
  const got = () => callsOf(peer.chunks);
  const isClosed = () => eventually(() => closed.length > 0, "it is closed");
  return { server, client, peer, closed, has, got, isClosed, address };
}
