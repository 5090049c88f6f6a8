// The packets of MQTT 3.1.1 (OASIS Standard, 29 October 2014), chapter 3.

/** At most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2;

/** What is published. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  /** To be kept for who subscribes later; of what a subscriber gets: it was. */
  readonly retain: boolean;
}

/** How many bytes of `message` count towards the limits. */
export function sizeOf({ topic, payload }: Message): number {
  return topic.length + payload.length;
}

export interface Connect {
  readonly type: "connect";
  /** Empty to be given one. */
  readonly clientId: string;
  /** The session begins and ends with the connection. */
  readonly clean: boolean;
  /** The most seconds between two packets of the client; 0 for any. */
  readonly keepAlive: number;
  /** Published if the client is gone without a word. */
  readonly will: Message | undefined;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
}

/** A connect of another version of the protocol; nothing else of it is read. */
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
  /** It may have come before. */
  readonly dup: boolean;
  /** 1 to 65535; 0 if `qos` is 0. */
  readonly id: number;
}

/** What acknowledges another packet, by its id. */
export interface Acknowledgement {
  readonly type: "puback" | "pubrec" | "pubrel" | "pubcomp" | "unsuback";
  readonly id: number;
}

/** What is asked for: the topics, and how often their messages may come. */
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
  /** For each subscription what was granted, or {@linkcode REFUSED}. */
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

/** What a connect is answered by. */
export const ConnectCode = {
  Accepted: 0,
  UnsupportedVersion: 1,
  BadClientId: 2,
} as const;

/** In place of what is granted. */
export const REFUSED = 0x80;

/** The types, at the numbers that they have on the wire. */
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
