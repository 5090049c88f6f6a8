import { describeAddress } from "../api/address.ts";
import type { DispatchContext } from "../api/reactor.ts";

/** The other end of a connection, for messages. */
export function peerOf({ socket }: Pick<DispatchContext, "socket">): string {
  const { remoteAddress } = socket;
  return remoteAddress.transport === "unknown"
    ? "the peer"
    : describeAddress(remoteAddress);
}
