// A slave: a device with holding registers.

import type { BinaryReader } from "../../mod.ts";
import {
  build,
  Exception,
  exceptionTo,
  FunctionCode,
  type Message,
  ModbusException,
  open,
} from "./protocol.ts";

const MAX_READ = 125;
const MAX_WRITTEN = 123;

/** Holding registers, 16 bits each, and what masters may do with them. */
export class Registers {
  readonly #values: Uint16Array;

  constructor(count: number) {
    this.#values = new Uint16Array(count);
  }

  /** Executes `request`, and returns the response, which may be an exception. */
  answer(request: Message): Message {
    return { ...request, pdu: this.#answerTo(request) };
  }

  #answerTo(request: Message): Uint8Array {
    try {
      return this.#execute(request.pdu);
    } catch (error) {
      // A byte too few or too many is a bad value, too.
      const code = error instanceof ModbusException
        ? error.code
        : Exception.IllegalValue;
      return exceptionTo(request, code);
    }
  }

  #execute(pdu: Uint8Array): Uint8Array {
    const [code] = pdu;
    switch (code) {
      case FunctionCode.ReadHoldingRegisters:
        return this.#read(open(pdu, code));
      case FunctionCode.WriteRegister:
        this.#writeOne(open(pdu, code));
        return pdu;
      case FunctionCode.WriteRegisters:
        return this.#writeMany(open(pdu, code));
      default:
        throw new ModbusException(Exception.IllegalFunction);
    }
  }

  #read(request: BinaryReader): Uint8Array {
    const start = request.readUint16();
    const count = request.readUint16();
    request.end();
    const values = this.#range(start, count, MAX_READ);
    return build(FunctionCode.ReadHoldingRegisters, (out) => {
      out.writeUint8(2 * count);
      for (const value of values) out.writeUint16(value);
    });
  }

  #writeOne(request: BinaryReader): void {
    const address = request.readUint16();
    const value = request.readUint16();
    request.end();
    this.#range(address, 1, 1)[0] = value;
  }

  #writeMany(request: BinaryReader): Uint8Array {
    const start = request.readUint16();
    const count = request.readUint16();
    const byteCount = request.readUint8();
    if (byteCount !== 2 * count) {
      throw new ModbusException(Exception.IllegalValue);
    }
    const written = Uint16Array.from(
      { length: count },
      () => request.readUint16(),
    );
    request.end();
    this.#range(start, count, MAX_WRITTEN).set(written);
    return build(FunctionCode.WriteRegisters, (out) => {
      out.writeUint16(start);
      out.writeUint16(count);
    });
  }

  #range(start: number, count: number, most: number): Uint16Array {
    if (count < 1 || count > most) {
      throw new ModbusException(Exception.IllegalValue);
    }
    if (start + count > this.#values.length) {
      throw new ModbusException(Exception.IllegalAddress);
    }
    return this.#values.subarray(start, start + count);
  }
}
