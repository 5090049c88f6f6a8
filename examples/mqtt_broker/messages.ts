// The events that threads send to the broker, and the commands that it sends back.
// A client has the number that its thread gave it.

import type { Close, Gone } from "../hub.ts";
import { type Packet, sizeOf } from "./packets.ts";

/** A packet from a client, or to one. */
export interface PacketMessage {
  readonly type: "packet";
  readonly client: number;
  readonly packet: Packet;
}

/** What has happened to a client. */
export type BrokerEvent =
  | Gone
  | PacketMessage
  /** It sends nothing more, and may wait for answers. */
  | { readonly type: "end"; readonly client: number }
  /** A message to it was dropped, because it reads too slowly. */
  | { readonly type: "dropped"; readonly client: number };

/** What a thread has to do for its clients. */
export type BrokerCommand = Close | PacketMessage;

/** The size of the parts of `packet` that may be large. */
export function largePartOf(packet: Packet): number {
  switch (packet.type) {
    case "publish":
      return sizeOf(packet);
    case "connect":
      return packet.will === undefined ? 0 : sizeOf(packet.will);
    case "subscribe":
      return packet.subscriptions.reduce(
        (sum, { filter }) => sum + filter.length,
        0,
      );
    case "unsubscribe":
      return packet.filters.reduce((sum, filter) => sum + filter.length, 0);
    default:
      return 0;
  }
}
