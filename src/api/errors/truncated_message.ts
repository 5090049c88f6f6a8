import type { SocketAddress } from "../../contract/address.ts";
import { countOf } from "../../util/text.ts";
import { peerOf } from "../address.ts";
import { TruncatedMessageError } from "./connection.ts";

/** The error of a connection of `socket`, whose peer has ended it after `count` bytes of a message. */
export function truncatedMessage(
  socket: { readonly remoteAddress: SocketAddress },
  count: number,
): TruncatedMessageError {
  return new TruncatedMessageError(
    `${peerOf(socket)} ended the connection with ${
      countOf(count, "byte")
    } of a message sent`,
  );
}
