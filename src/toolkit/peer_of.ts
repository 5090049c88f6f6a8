import { describePeer } from "../api/address.ts";
import type { DispatchContext } from "../api/reactor.ts";

/** The other end of a connection, for messages. */
export function peerOf({ socket }: Pick<DispatchContext, "socket">): string {
  return describePeer(socket.remoteAddress);
}
