// The packets of MQTT 3.1.1 (OASIS Standard, 29 October 2014), chapter 3.

/** At most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2;

/** What is published. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  /** From a publisher: keep it for later subscribers. To a subscriber: it was kept. */
  readonly retain: boolean;
}

/** How many bytes `message` counts towards the limits. */
export function sizeOf({ topic, payload }: Message): number {
  return topic.length + payload.length;
}

export interface Connect {
  readonly type: "connect";
  /** Empty if the broker should choose one. */
  readonly clientId: string;
  /** The session begins and ends with this connection. */
  readonly clean: boolean;
  /** The client sends a packet at least every so many seconds; 0 if it promises nothing. */
  readonly keepAlive: number;
  /** Published if the connection ends without a disconnect. */
  readonly will: Message | undefined;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
}

/** A connect of another version of the protocol, of which nothing else is read. */
export interface UnsupportedConnect {
  readonly type: "unsupported connect";
  readonly level: number;
}

export interface Connack {
  readonly type: "connack";
  readonly sessionPresent: boolean;
  readonly code: number;
}

export interface Publish extends Message {
  readonly type: "publish";
  /** It may have been sent before. */
  readonly dup: boolean;
  /** 1 to 65535; 0 if `qos` is 0. */
  readonly id: number;
}

/** Acknowledges another packet, by its id. */
export interface Acknowledgement {
  readonly type: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback";
  readonly id: number;
}

/** A filter of topics, and the highest QoS that the client wants. */
export interface Subscription {
  readonly filter: string;
  readonly qos: Qos;
}

export interface Subscribe {
  readonly type: "subscribe";
  readonly id: number;
  readonly subscriptions: readonly Subscription[];
}

export interface Suback {
  readonly type: "suback";
  readonly id: number;
  /** The granted QoS of each subscription, or {@linkcode REFUSED}. */
  readonly granted: readonly number[];
}

export interface Unsubscribe {
  readonly type: "unsubscribe";
  readonly id: number;
  readonly filters: readonly string[];
}

export interface BarePacket {
  readonly type: "pingreq" | "pingresp" | "disconnect";
}

export type Packet =
  | Connect
  | UnsupportedConnect
  | Connack
  | Publish
  | Acknowledgement
  | Subscribe
  | Suback
  | Unsubscribe
  | BarePacket;

/** The answers to a connect. */
export const ConnectCode = {
  Accepted: 0,
  UnsupportedVersion: 1,
  BadClientId: 2,
} as const;

/** Stands in a suback in place of a QoS. */
export const REFUSED = 0x80;

/** The types of packets; the index is their number on the wire. */
export const TYPES = [
  undefined,
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
] as const;

/** The low bits of the first byte, which are fixed for all but a publish. */
export function flagsOf(type: (typeof TYPES)[number]): number {
  switch (type) {
    case "pubrel":
    case "subscribe":
    case "unsubscribe":
      return 2;
    default:
      return 0;
  }
}
