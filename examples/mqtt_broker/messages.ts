// What threads tell the broker, and what it commands. Clients have the number that
// their thread gave them.

import type { Close, Gone } from "../hub.ts";
import { type Packet, sizeOf } from "./packets.ts";

/** A packet of a client, or for one. */
export interface PacketMessage {
  readonly type: "packet";
  readonly client: number;
  readonly packet: Packet;
}

/** Something that a client has done, or that was done to it. */
export type BrokerEvent =
  | Gone
  | PacketMessage
  /** It says no more, and may wait for answers. */
  | { readonly type: "end"; readonly client: number }
  /** It reads too slowly for a message to it. */
  | { readonly type: "dropped"; readonly client: number };

/** What a thread is to do with its clients. */
export type BrokerCommand = Close | PacketMessage;

/** The size of what may be large in `packet`. */
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
