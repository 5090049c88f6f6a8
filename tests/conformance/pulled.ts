import {
  acceptMessages,
  type Codec,
  type ConnectionOptions,
  type MessageConnection,
  type ReactRuntime,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { signal } from "./support.ts";

/** A connection whose messages are pulled, and its peer. */
export interface Pulled<T> {
  readonly peer: Peer;
  readonly connection: MessageConnection<T>;
  /** Lets the server return, which closes the connection. */
  readonly leave: () => void;
}

/**
 * Accepts a peer. The connection stays open until `leave` is called, or the
 * peer ends it.
 */
export async function acceptPulled<T>(
  { anyPort, connectPeer }: Environment,
  runtime: ReactRuntime,
  codec: Codec<T>,
  options?: ConnectionOptions,
): Promise<Pulled<T>> {
  const opened = signal<MessageConnection<T>>();
  const left = signal();
  const handler = acceptMessages(codec, (connection) => {
    opened.resolve(connection);
    return left.promise;
  }, options);
  const { address } = await runtime.listen(anyPort, handler);
  const peer = await connectPeer(address);
  return { peer, connection: await opened.promise, leave: left.resolve };
}
