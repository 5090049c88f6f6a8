// @ts-check
//
// Queries examples/modbus_gateway with mbpoll.

import assert from "node:assert/strict";
import { Program } from "./program.mjs";

const UNIT = "1";
const NOBODY = "9";

/** Checks a slave, and a gateway to it in one thread and in two. */
export async function* checkModbus(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const folder = "modbus_gateway";
  const slave = runtime.start(`${folder}/serve_slave`, "--port=0");
  /** @type {Program[]} */
  const running = [slave];
  try {
    const slavePort = await slave.port();
    await checkRegisters(slavePort);
    yield "mbpoll reads and writes registers of a slave";
    for (const threads of [1, 2]) {
      const gatewayTo = (/** @type {string[]} */ ...flags) => {
        const gateway = runtime.start(
          `${folder}/serve_gateway`,
          ...["--port=0", `--threads=${threads}`, ...flags],
        );
        running.push(gateway);
        return gateway;
      };
      const gateway = gatewayTo(
        `--devices=${UNIT}=127.0.0.1:${slavePort}`,
        "--timeout=60000",
      );
      const port = await gateway.port();
      await checkRegisters(port);
      assert.match(await poll(port, NOBODY, "-r1"), /Gateway path/);
      assert.equal(await gateway.terminate(), 0, gateway.output);
      const vain = gatewayTo(`--devices=${UNIT}=127.0.0.1:1`);
      const answer = await poll(await vain.port(), UNIT, "-r1");
      assert.match(answer, /Target device failed/);
      assert.equal(await vain.terminate(), 0, vain.output);
      yield `mbpoll and a gateway in ${threads} thread(s), which SIGTERM ends`;
    }
    assert.equal(await slave.terminate(), 0, slave.output);
  } finally {
    for (const program of running) program.kill();
  }
}

async function checkRegisters(/** @type {number} */ port) {
  // Function 6 writes one register, function 16 several.
  assert.match(await poll(port, UNIT, "-r7", "4711"), /Written 1 ref/);
  assert.match(await poll(port, UNIT, "-r8", "1", "65535"), /Written 2 ref/);
  const values = await poll(port, UNIT, "-r7", "-c3");
  assert.match(values, /\[7\]:\s+4711\s+\[8\]:\s+1\s+\[9\]:\s+65535/);
  assert.match(await poll(port, UNIT, "-r1001"), /Illegal data address/);
  assert.match(await poll(port, UNIT, "-t1", "-r1"), /Illegal function/);
}

/** Polls once. Resolves to the output of mbpoll. */
async function poll(
  /** @type {number} */ port,
  /** @type {string} */ unit,
  /** @type {string[]} */ ...args
) {
  const [values, own] = [
    args.filter((it) => !it.startsWith("-")),
    args.filter((it) => it.startsWith("-")),
  ];
  const program = new Program([
    ...["mbpoll", "-m", "tcp", "-1", "-a", unit, "-t4", "-o", "10"],
    ...own,
    ...["-p", `${port}`, "127.0.0.1"],
    ...values,
  ]);
  await program.ended();
  return program.output;
}
