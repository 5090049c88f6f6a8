// A Modbus slave with holding registers, until SIGTERM.

import { formatAddress, ReactRuntime, runOnSignals, serve } from "../../mod.ts";
import { fail, integer, listenFlags, readFlags } from "../flags.ts";
import { modbus } from "./protocol.ts";
import { Registers } from "./registers.ts";

const flags = readFlags("A Modbus slave with holding registers.", {
  ...listenFlags(5021),
  count: integer(1000, 1, 65536, "how many registers it has"),
});
const registers = new Registers(flags.count);
const runtime = new ReactRuntime();
const slave = serve(modbus, (request) => registers.answer(request));
const listener = await runtime.listen(flags, slave).catch(fail);
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
