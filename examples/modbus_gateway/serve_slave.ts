// A Modbus slave with holding registers, for the gateway beside it: serve, and
// a codec.
//
// Run:  deno run --allow-net examples/modbus_gateway/serve_slave.ts
// Try:  mbpoll -m tcp -p 5021 -a 1 -c 5 -1 127.0.0.1
// Read: registers.ts has what is asked for, protocol.ts the codec.

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
