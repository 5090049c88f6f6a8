import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  connectTo,
  ModbusClient,
} from "../../examples/modbus_gateway/client.ts";
import { gatewayTo } from "../../examples/modbus_gateway/gateway.ts";
import {
  Exception,
  type Message,
  modbus,
  ModbusException,
} from "../../examples/modbus_gateway/protocol.ts";
import { Registers } from "../../examples/modbus_gateway/registers.ts";
import { ReactRuntime, serve, simulate, testCodec } from "../../mod.ts";
import { ExampleProcess, host } from "./example_process.ts";
import { asTcp } from "../support/tcp.ts";

const UNIT = 1;

function message(...pdu: number[]): Message {
  return { transactionId: 7, unitId: UNIT, pdu: Uint8Array.from(pdu) };
}

function isException(code: number): (error: unknown) => boolean {
  return (error) => error instanceof ModbusException && error.code === code;
}

describe("Modbus messages", () => {
  it("are what the codec makes of any stream", async () => {
    await testCodec(modbus, {
      values: [message(3, 0, 0, 0, 1), message(1)],
      arbitrary: (random) => ({
        transactionId: random.integer(0, 0xffff),
        unitId: random.integer(0, 255),
        pdu: random.bytes(random.integer(1, 253)),
      }),
      refused: [{ ...message(), pdu: new Uint8Array(254) }],
      invalid: [
        Uint8Array.of(0, 1, 0, 9, 0, 2, 1, 3), // another protocol
        Uint8Array.of(0, 1, 0, 0, 0, 1, 1), // no function
      ],
    });
  });
});

describe("A slave", () => {
  const registers = new Registers(200);
  const answer = (...pdu: number[]) =>
    Array.from(registers.answer(message(...pdu)).pdu);

  it("reads what was written", () => {
    assert.deepEqual(answer(6, 0, 10, 18, 52), [6, 0, 10, 18, 52]);
    assert.deepEqual(
      answer(16, 0, 11, 0, 2, 4, 1, 2, 3, 4),
      [16, 0, 11, 0, 2],
    );
    assert.deepEqual(
      answer(3, 0, 9, 0, 4),
      [3, 8, 0, 0, 18, 52, 1, 2, 3, 4],
    );
  });

  it("says what it does not do, and why", () => {
    assert.deepEqual(answer(1, 0, 0, 0, 1), [129, Exception.IllegalFunction]);
    assert.deepEqual(answer(3, 0, 200, 0, 1), [131, Exception.IllegalAddress]);
    assert.deepEqual(answer(3, 0, 199, 0, 2), [131, Exception.IllegalAddress]);
    assert.deepEqual(answer(3, 0, 0, 0, 0), [131, Exception.IllegalValue]);
    assert.deepEqual(answer(3, 0, 0, 0, 126), [131, Exception.IllegalValue]);
    assert.deepEqual(answer(6, 0, 200, 0, 1), [134, Exception.IllegalAddress]);
    assert.deepEqual(answer(3, 0, 0), [131, Exception.IllegalValue]);
    assert.deepEqual(answer(6, 0, 0, 0, 1, 9), [134, Exception.IllegalValue]);
    assert.deepEqual(
      answer(16, 0, 0, 0, 2, 3, 1, 2, 3),
      [144, Exception.IllegalValue],
    );
  });
});

describe("A gateway", () => {
  it("brings every answer to whoever asked, whatever the network does", async () => {
    await simulate({ seeds: 20, faults: "random" }, async (sim) => {
      const devices = new Map<number, string>();
      for (const unitId of [1, 2]) {
        const registers = new Registers(100);
        const device = sim.runtime(`device${unitId}`);
        const { address } = await device.listen(
          `device${unitId}:502`,
          serve(modbus, async (request) => {
            await sim.sleep(sim.random.integer(0, 20));
            return registers.answer(request);
          }),
        );
        devices.set(unitId, `device${unitId}:${asTcp(address).port}`);
      }
      const gateway = sim.runtime("gateway");
      await gateway.listen("gateway:502", gatewayTo(devices, gateway));
      const masters = Array.from({ length: 3 }, async (_, i) => {
        const runtime = sim.runtime(`master${i}`);
        const connection = connectTo(runtime, "gateway:502");
        for (let turn = 0; turn < 8; turn++) {
          const unit = new ModbusClient(connection, 1 + turn % 2);
          // Of its own: what is given up may be written later.
          const start = 20 * i + 2 * turn;
          const values = [1000 * i + turn, turn];
          try {
            await unit.writeRegisters(start, values);
            assert.deepEqual(await unit.readRegisters(start, 2), values);
          } catch (error) {
            // Nobody but the network is to blame.
            if (error instanceof assert.AssertionError) throw error;
          }
        }
        await connection.close();
      });
      await Promise.all(masters);
    });
  });

  it("says which unit it does not know, and which does not answer", async () => {
    const runtime = new ReactRuntime();
    const deaf = await runtime.listen(
      "127.0.0.1:0",
      serve(modbus, () => new Promise<undefined>(() => {})),
    );
    const devices = new Map([[1, `127.0.0.1:${asTcp(deaf.address).port}`]]);
    const { address } = await runtime.listen(
      "127.0.0.1:0",
      gatewayTo(devices, runtime),
    );
    const gateway = connectTo(runtime, address, { timeoutMs: 60_000 });
    await assert.rejects(
      new ModbusClient(gateway, 9).readRegisters(0, 1),
      isException(Exception.NoPath),
    );
    await assert.rejects(
      new ModbusClient(gateway, 1).writeRegister(0, 1),
      isException(Exception.NoAnswer),
    );
    await gateway.close();
    await runtime.stop({ drainMs: 0 }); // the deaf one never finishes
  });

  for (const threads of [1, 2]) {
    it(`in ${threads} thread(s) answers all 32 requests that are under way when it is asked to end`, async () => {
      const runtime = new ReactRuntime();
      const registers = new Registers(100);
      let arrived = () => {};
      let count = 0;
      const allArrived = new Promise<void>((resolve) => arrived = resolve);
      let release = () => {};
      const released = new Promise<void>((resolve) => release = resolve);
      const device = await runtime.listen(
        "127.0.0.1:0",
        serve(modbus, async (request) => {
          if (++count === 4) arrived(); // as many as a device is asked at once
          await released;
          return registers.answer(request);
        }),
      );
      const gateway = new ExampleProcess(
        host,
        "modbus_gateway/serve_gateway",
        `--port=0 --threads=${threads} --timeout=60000 --drain=60000 --devices=1=127.0.0.1:${
          asTcp(device.address).port
        }`,
      );
      const [, port] = await gateway.printed(/listening on \S*:(\d+)/);
      const master = connectTo(runtime, `127.0.0.1:${port}`, {
        timeoutMs: 60_000,
      });
      const unit = new ModbusClient(master, UNIT);
      const answers = Array.from(
        { length: 32 },
        (_, i) => unit.writeRegister(i, i),
      );
      await allArrived;
      gateway.interrupt();
      await gateway.printed(/stopping/);
      release();
      await Promise.all(answers);
      assert.equal(await gateway.ended, 0);
      await master.close();
      await runtime.stop();
    });
  }
});
