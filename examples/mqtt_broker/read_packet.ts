import { type BinaryReader, CodecError } from "../../mod.ts";
import {
  type Acknowledgement,
  type BarePacket,
  type Connect,
  type Message,
  type Packet,
  type Publish,
  type Qos,
  REFUSED,
  type Subscription,
  TYPES,
  type UnsupportedConnect,
} from "./packets.ts";

const LEVEL = 4;
/** The name of the protocol, and its name in version 3.1. */
const NAMES: readonly string[] = ["MQTT", "MQIsdp"];

/** Reads the body of a packet whose first byte is `first`. */
export function readPacket(first: number, reader: BinaryReader): Packet {
  const type = TYPES[first >> 4];
  switch (type) {
    case "connect":
      return readConnect(reader);
    case "connack":
      return {
        type,
        sessionPresent: reader.readUint8() === 1,
        code: reader.readUint8(),
      };
    case "publish":
      return readPublish(first & 0xf, reader);
    case "subscribe": {
      const id = readId(reader);
      return { type, id, subscriptions: many(reader, readSubscription) };
    }
    case "suback":
      return { type, id: readId(reader), granted: many(reader, readGranted) };
    case "unsubscribe":
      return { type, id: readId(reader), filters: many(reader, readText) };
    case "pingreq":
    case "pingresp":
    case "disconnect":
      return { type } satisfies BarePacket;
    case undefined:
      throw malformed("a packet of no type");
    default:
      return { type, id: readId(reader) } satisfies Acknowledgement;
  }
}

function readConnect(reader: BinaryReader): Connect | UnsupportedConnect {
  const name = readText(reader);
  if (!NAMES.includes(name)) throw malformed("a connect of another protocol");
  const level = reader.readUint8();
  if (level !== LEVEL || name !== NAMES[0]) {
    reader.skip(reader.remaining);
    return { type: "unsupported connect", level };
  }
  const flags = reader.readUint8();
  const has = (bit: number) => (flags & 1 << bit) !== 0;
  const isGood = !has(0) && (has(7) || !has(6)) &&
    (has(2) || (flags & 0b111000) === 0);
  if (!isGood) throw malformed(`a connect with the flags ${flags}`);
  const keepAlive = reader.readUint16();
  const clientId = readText(reader);
  const qos = asQos(flags >> 3 & 3);
  const will = has(2) ? readWill(reader, qos, has(5)) : undefined;
  return {
    type: "connect",
    clean: has(1),
    keepAlive,
    clientId,
    will,
    username: has(7) ? readText(reader) : undefined,
    password: has(6) ? reader.readBytes(reader.readUint16()) : undefined,
  };
}

function readWill(reader: BinaryReader, qos: Qos, retain: boolean): Message {
  const topic = readText(reader);
  const payload = reader.readBytes(reader.readUint16());
  return { topic, payload, qos, retain };
}

function readPublish(flags: number, reader: BinaryReader): Publish {
  const qos = asQos(flags >> 1 & 3);
  const dup = (flags & 8) !== 0;
  if (dup && qos === 0) throw malformed("a publish of QoS 0 with DUP");
  const topic = readText(reader);
  const id = qos === 0 ? 0 : readId(reader);
  const retain = (flags & 1) !== 0;
  return {
    type: "publish",
    dup,
    qos,
    retain,
    topic,
    id,
    payload: reader.readBytes(),
  };
}

function readSubscription(reader: BinaryReader): Subscription {
  return { filter: readText(reader), qos: asQos(reader.readUint8()) };
}

function readGranted(reader: BinaryReader): number {
  const granted = reader.readUint8();
  return granted === REFUSED ? granted : asQos(granted);
}

function readId(reader: BinaryReader): number {
  const id = reader.readUint16();
  if (id === 0) throw malformed("a packet with the id 0");
  return id;
}

function readText(reader: BinaryReader): string {
  const text = reader.readPrefixedText(2);
  if (text.includes("\0")) throw malformed("a text with U+0000");
  return text;
}

function asQos(value: number): Qos {
  if (value === 0 || value === 1 || value === 2) return value;
  throw malformed(`a QoS of ${value}`);
}

/** Reads items to the end of the packet, at least one. */
function many<Item>(
  reader: BinaryReader,
  read: (reader: BinaryReader) => Item,
): Item[] {
  const items = [read(reader)];
  while (reader.remaining > 0) items.push(read(reader));
  return items;
}

function malformed(what: string): CodecError {
  return new CodecError(`Cannot read ${what} as MQTT`);
}
