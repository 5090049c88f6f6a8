// A master: asks devices, by promises.

import {
  type AddressLike,
  type BinaryReader,
  byProperty,
  type ByteWriter,
  type ConnectedClientOptions,
  type ReactRuntime,
  RequestClient,
} from "../../mod.ts";
import { build, FunctionCode, type Message, modbus, open } from "./protocol.ts";

/** A client that asks devices. */
export type DeviceClient = RequestClient<Message, Message>;

const byTransaction = byProperty("transactionId", { maxId: 0xffff });

/** Stays connected to a device, or to a gateway; an answer may take a second. */
export function connectTo(
  runtime: ReactRuntime,
  address: AddressLike,
  options: ConnectedClientOptions<Message, Message> = {},
): DeviceClient {
  return RequestClient.connect(runtime, address, modbus, {
    correlate: byTransaction,
    timeoutMs: 1000,
    ...options,
  });
}

/** One device, which is reached by a client. */
export class ModbusClient {
  readonly #requests: DeviceClient;
  readonly #unitId: number;

  constructor(requests: DeviceClient, unitId: number) {
    this.#requests = requests;
    this.#unitId = unitId;
  }

  /** Reads `count` registers, 1 to 125, from `start` on. Rejects with `ModbusException`, or as `RequestClient.request` does. */
  async readRegisters(start: number, count: number): Promise<number[]> {
    const code = FunctionCode.ReadHoldingRegisters;
    const answer = await this.#ask(code, (out) => {
      out.writeUint16(start);
      out.writeUint16(count);
    });
    const size = answer.readUint8();
    return Array.from({ length: size / 2 }, () => answer.readUint16());
  }

  /** Writes one register. */
  async writeRegister(address: number, value: number): Promise<void> {
    await this.#ask(FunctionCode.WriteRegister, (out) => {
      out.writeUint16(address);
      out.writeUint16(value);
    });
  }

  /** Writes registers, 1 to 123, from `start` on. */
  async writeRegisters(
    start: number,
    values: readonly number[],
  ): Promise<void> {
    await this.#ask(FunctionCode.WriteRegisters, (out) => {
      out.writeUint16(start);
      out.writeUint16(values.length);
      out.writeUint8(2 * values.length);
      for (const value of values) out.writeUint16(value);
    });
  }

  async #ask(
    code: number,
    write: (out: ByteWriter) => void,
  ): Promise<BinaryReader> {
    const pdu = build(code, write);
    const answer = await this.#requests.request({
      transactionId: 0, // the client's to choose
      unitId: this.#unitId,
      pdu,
    });
    return open(answer.pdu, code);
  }
}
