// A Modbus gateway: many masters on one port, few devices behind it. It is made
// of serve, for the masters, and of a RequestClient for each device, in one
// thread or several.
//
// Run:  deno run --allow-net --allow-read=. examples/modbus_gateway/serve_gateway.ts
// Try:  start serve_slave.ts as well, then: mbpoll -m tcp -p 5020 -a 1 -c 5 -1
//       127.0.0.1
// Read: protocol.ts is the codec, gateway.ts the gateway, client.ts what asks a
//       device.

import { integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import { devices } from "./flags.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A Modbus gateway: many masters, few devices.", {
  ...servingFlags(5020),
  devices: devices(
    "1=127.0.0.1:5021",
    "by unit id, as 1=host:port,2=host:port",
  ),
  timeout: integer(1000, 1, 60_000, "ms a device may take to answer"),
});
const server = await startServer(flags, reactors, url);
await server.listen("gateway", flags, {
  maxConnections: 1000,
  maxConnectionsPerAddress: 100,
});
await server.run();
