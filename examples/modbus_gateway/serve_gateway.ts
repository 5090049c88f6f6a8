// A Modbus gateway in one thread or several, until SIGTERM.

import {
  formatAddress,
  ReactRuntime,
  runOnSignals,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { hostname, integer, readFlags } from "../flags.ts";
import { devices } from "./flags.ts";
import { gatewayTo } from "./gateway.ts";
import type reactors from "./reactors.ts";

const flags = readFlags("A Modbus gateway: many masters, few devices.", {
  hostname: hostname("127.0.0.1", "where to listen"),
  port: integer(5020, 0, 65535, "where to listen"),
  devices: devices(
    "1=127.0.0.1:5021",
    "by unit id, as 1=host:port,2=host:port",
  ),
  timeout: integer(1000, 1, 60_000, "milliseconds a device may take to answer"),
  threads: integer(1, 1, 64, "how many serve"),
  drain: integer(
    5000,
    0,
    60_000,
    "milliseconds for what is under way at the end",
  ),
});
const address = { transport: "tcp", ...flags } as const;
const limits = { maxConnections: 1000, maxConnectionsPerAddress: 100 };
const times = { drainMs: flags.drain };

if (flags.threads === 1) {
  const runtime = new ReactRuntime();
  const gateway = gatewayTo(flags.devices, runtime, flags.timeout);
  const listener = await runtime.listen(address, gateway, limits);
  console.log("listening on", formatAddress(listener.address));
  await runOnSignals(runtime, times);
} else {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const threads = await ThreadedReactorMgr.start<typeof reactors>({
    threads: flags.threads,
    module: new URL(`./reactors.${extension}`, import.meta.url),
  });
  const listener = await threads.listenAll(
    address,
    "gateway",
    flags,
    limits,
  );
  console.log("listening on", formatAddress(listener.address));
  await runOnSignals(threads, times);
}
console.log("ended in good order");
