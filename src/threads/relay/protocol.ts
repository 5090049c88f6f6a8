/**
 * The messages between the thread that accepts connections and a worker that
 * serves them: flat arrays of a kind, a connection, and what belongs to it.
 *
 * @module
 */

import type { SocketAddress } from "../../contract/address.ts";
import type { FailureKind } from "../../contract/failure.ts";
import type { SocketOptions } from "../../contract/socket.ts";
import { RELAY_MESSAGE_COST, RELAY_WINDOW } from "../../tuning.ts";
import { partOf } from "../../util/views.ts";

/** The kind of a message. */
export const RelayKind = {
  /** To the worker: a connection was accepted. This end's address and the peer's follow. */
  Open: 0,
  /** Both ways: bytes, which belong to the receiver from now on. */
  Data: 1,
  /** To the acceptor: how much of the window is free again. */
  Credit: 2,
  /** Both ways: FIN. */
  End: 3,
  /** To the worker: the connection is gone, and why, unless it ended cleanly. */
  Closed: 4,
  /** To the acceptor: destroy the connection. */
  Destroy: 5,
  /** To the acceptor: set these options of the socket. */
  Options: 6,
  /** To the acceptor: send no further connection. To the worker: none will come. */
  Retire: 7,
  /** To the acceptor: serve every socket that is ready, then answer. */
  Poll: 8,
  /** To the worker: the first poll that was asked for is done; what the sockets reported was posted before this. */
  Polled: 9,
  /** To the worker: all bytes that it has sent on these connections are written, so it may send more. */
  Written: 10,
  /** To the acceptor: drop the connection, since nobody listens here any more. */
  Refuse: 11,
} as const;

type Data = readonly [typeof RelayKind.Data, number, ArrayBuffer];
type Credit = readonly [typeof RelayKind.Credit, number, number];
type Written = readonly [typeof RelayKind.Written, 0, readonly number[]];
type End = readonly [typeof RelayKind.End, number];
type Retire = readonly [typeof RelayKind.Retire, 0];
type Poll = readonly [typeof RelayKind.Poll, 0];
type Polled = readonly [typeof RelayKind.Polled, 0];

/** A connection that a worker is to serve. */
export type OpenMessage = readonly [
  kind: typeof RelayKind.Open,
  connection: number,
  localAddress: SocketAddress,
  remoteAddress: SocketAddress,
];

/** What happens to a connection that a worker serves. */
export type SocketMessage =
  | Data
  | End
  | readonly [typeof RelayKind.Closed, number]
  | readonly [typeof RelayKind.Closed, number, FailureKind, string];

/** Messages to a worker. */
export type MessageToWorker =
  | OpenMessage
  | SocketMessage
  | Written
  | Retire
  | Polled;

/** Messages to the acceptor. */
export type MessageToAcceptor =
  | Data
  | Credit
  | End
  | readonly [typeof RelayKind.Destroy, number]
  | readonly [typeof RelayKind.Refuse, number]
  | readonly [typeof RelayKind.Options, number, SocketOptions]
  | Retire
  | Poll;

/** Credit is given in parts of this size: while one is on its way, the other is used. */
export const HALF_WINDOW = RELAY_WINDOW / 2;

/** How much of the window `bytes` take until a worker has handed them out. */
export function costOf(bytes: ArrayBuffer): number {
  return RELAY_MESSAGE_COST + bytes.byteLength;
}

/** The bytes from `start` to `end`, to be transferred. */
export function bytesToTransfer(
  buffer: Uint8Array,
  start: number,
  end: number,
): ArrayBuffer {
  const copy = new ArrayBuffer(end - start);
  new Uint8Array(copy).set(partOf(buffer, start, end));
  return copy;
}
