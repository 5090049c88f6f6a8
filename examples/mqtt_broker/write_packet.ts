import type { ByteWriter } from "../../mod.ts";
import { type Connect, flagsOf, type Packet, TYPES } from "./packets.ts";

const LEVEL = 4;

/** The first byte of `packet`: its type and flags. */
export function firstByteOf(packet: Packet): number {
  const { type } = packet;
  if (type === "unsupported connect") return 1 << 4;
  const number = TYPES.indexOf(type) << 4;
  if (type !== "publish") return number | flagsOf(type);
  const { dup, qos, retain } = packet;
  return number | Number(dup) << 3 | qos << 1 | Number(retain);
}

/** Writes the body of `packet`. */
export function writePacket(packet: Packet, out: ByteWriter): void {
  switch (packet.type) {
    case "connect":
      return writeConnect(packet, out);
    case "unsupported connect":
      out.writePrefixedText("MQTT", 2);
      out.writeUint8(packet.level);
      return;
    case "connack":
      out.writeUint8(Number(packet.sessionPresent));
      out.writeUint8(packet.code);
      return;
    case "publish":
      out.writePrefixedText(packet.topic, 2);
      if (packet.qos > 0) out.writeUint16(packet.id);
      out.write(packet.payload);
      return;
    case "subscribe":
      out.writeUint16(packet.id);
      for (const { filter, qos } of packet.subscriptions) {
        out.writePrefixedText(filter, 2);
        out.writeUint8(qos);
      }
      return;
    case "suback":
      out.writeUint16(packet.id);
      for (const granted of packet.granted) out.writeUint8(granted);
      return;
    case "unsubscribe":
      out.writeUint16(packet.id);
      for (const filter of packet.filters) out.writePrefixedText(filter, 2);
      return;
    case "pingreq":
    case "pingresp":
    case "disconnect":
      return;
    default:
      out.writeUint16(packet.id);
  }
}

function writeConnect(
  { clean, keepAlive, clientId, will, username, password }: Connect,
  out: ByteWriter,
): void {
  out.writePrefixedText("MQTT", 2);
  out.writeUint8(LEVEL);
  out.writeUint8(
    Number(username !== undefined) << 7 | Number(password !== undefined) << 6 |
      Number(will?.retain) << 5 | (will?.qos ?? 0) << 3 |
      Number(will !== undefined) << 2 | Number(clean) << 1,
  );
  out.writeUint16(keepAlive);
  out.writePrefixedText(clientId, 2);
  if (will !== undefined) {
    out.writePrefixedText(will.topic, 2);
    writeBytes(will.payload, out);
  }
  if (username !== undefined) out.writePrefixedText(username, 2);
  if (password !== undefined) writeBytes(password, out);
}

function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  out.writeUint16(bytes.length);
  out.write(bytes);
}
