// A Modbus slave with holding registers, until SIGTERM.

import { formatAddress, ReactRuntime, runOnSignals, serve } from "../../mod.ts";
import { hostname, integer, readFlags } from "../flags.ts";
import { modbus } from "./protocol.ts";
import { Registers } from "./registers.ts";

const flags = readFlags("A Modbus slave with holding registers.", {
  hostname: hostname("127.0.0.1", "where to listen"),
  port: integer(5021, 0, 65535, "where to listen"),
  count: integer(1000, 1, 65536, "how many registers it has"),
});
const registers = new Registers(flags.count);
const runtime = new ReactRuntime();
const listener = await runtime.listen(
  { transport: "tcp", ...flags },
  serve(modbus, (request) => registers.answer(request)),
);
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
