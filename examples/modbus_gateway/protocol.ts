// Modbus over TCP: how its messages are laid out, and what they mean.
// Modbus Messaging on TCP/IP Implementation Guide V1.0b; Modbus Application
// Protocol Specification V1.1b3.

import {
  BinaryReader,
  BinaryWriter,
  type Codec,
  CodecError,
  lengthPrefixed,
  messageCodec,
} from "../../mod.ts";

/** A request or a response, with its header. */
export interface Message {
  /** Matches a response with its request: both have the same. 0 to 65535. */
  readonly transactionId: number;
  /** The device that it is for, or from. 0 to 255. */
  readonly unitId: number;
  /** The function code and its data: 1 to 253 bytes. */
  readonly pdu: Uint8Array;
}

const PROTOCOL = 0;
const HEADER_SIZE = 7;
const MAX_SIZE = 260;

/** Transaction, protocol, length of the rest, unit, PDU. */
export const modbus: Codec<Message> = messageCodec(
  lengthPrefixed({ offset: 4, bytes: 2, max: MAX_SIZE }),
  {
    decode(reader) {
      if (reader.remaining <= HEADER_SIZE) {
        throw new CodecError("Cannot read a Modbus message without a function");
      }
      const transactionId = reader.readUint16();
      const protocol = reader.readUint16();
      if (protocol !== PROTOCOL) {
        throw new CodecError(`Cannot read protocol ${protocol} as Modbus`);
      }
      reader.skip(2);
      const unitId = reader.readUint8();
      return { transactionId, unitId, pdu: reader.readBytes(reader.remaining) };
    },
    encode({ transactionId, unitId, pdu }, out) {
      out.writeUint16(transactionId);
      out.writeUint16(PROTOCOL);
      out.writeUint16(1 + pdu.length);
      out.writeUint8(unitId);
      out.write(pdu);
    },
  },
);

/** Function codes. */
export const FunctionCode = {
  ReadHoldingRegisters: 3,
  WriteRegister: 6,
  WriteRegisters: 16,
} as const;

/** Exception codes: why a request was refused. */
export const Exception = {
  IllegalFunction: 1,
  IllegalAddress: 2,
  IllegalValue: 3,
  DeviceFailure: 4,
  DeviceBusy: 6,
  NoPath: 10,
  NoAnswer: 11,
} as const;

const FAILED = 0x80;

/** A device or a gateway has refused a request. */
export class ModbusException extends Error {
  override readonly name = "ModbusException";
  /** One of {@linkcode Exception}. */
  readonly code: number;

  constructor(code: number, options?: ErrorOptions) {
    super(`Modbus exception ${code}`, options);
    this.code = code;
  }
}

/** The PDU that answers `request` with an exception. */
export function exceptionTo({ pdu }: Message, code: number): Uint8Array {
  return Uint8Array.of(pdu[0] | FAILED, code);
}

/** Reads the data of `pdu` after the function code, which must be `code`. Throws {@linkcode ModbusException} if it is an exception. */
export function open(pdu: Uint8Array, code: number): BinaryReader {
  const reader = new BinaryReader(pdu);
  const got = reader.readUint8();
  if (got === (code | FAILED)) throw new ModbusException(reader.readUint8());
  if (got === code) return reader;
  throw new CodecError(`Cannot read function ${got} as the answer to ${code}`);
}

/** A PDU: the function code, and what `write` writes. */
export function build(
  code: number,
  write: (out: BinaryWriter) => void,
): Uint8Array {
  const out = new BinaryWriter();
  out.writeUint8(code);
  write(out);
  return out.take();
}
