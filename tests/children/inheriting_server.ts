/**
 * A process that listens, on the adapter it is told ("host" or "node"), on every
 * socket that it was handed over, and says for each how it is called, where that is,
 * and what becomes of it if it is listened on again, now and when it is closed.
 * To each peer it says which process it is, and where both ends are, and echoes. It
 * ends by SIGTERM.
 */

import process from "node:process";
import {
  formatAddress,
  framed,
  hostAdapter,
  inheritedSockets,
  lines,
  nodeAdapter,
  ReactRuntime,
  runOnSignals,
  type TcpListenerHandler,
} from "../../mod.ts";

const adapter = process.argv[2] === "node" ? nodeAdapter : hostAdapter();
const isTrying = process.argv[3] === "try";
const runtime = new ReactRuntime({ adapter });

const handler: TcpListenerHandler = {
  onNewConnection: () => ({
    reactor: framed(lines({ max: 2 ** 20 }), {
      onConnected(ctx) {
        const { localAddress, remoteAddress } = ctx.socket;
        const ends = [localAddress, remoteAddress].map(formatAddress);
        ctx.send([process.argv[4], ...ends].join(" "));
      },
      onMessage: (line, ctx) => void ctx.send(line),
    }),
  }),
};

/** The name of the error with which a listen there fails. */
async function failureAt(address: string): Promise<string> {
  try {
    await runtime.listen(address, handler);
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}

const said = [];
for (const socket of inheritedSockets(runtime)) {
  const listener = await runtime.listen(socket, handler);
  const address = formatAddress(listener.address);
  if (!isTrying) {
    said.push({ name: socket.name, address });
    continue;
  }
  const again = await failureAt(formatAddress(socket));
  await listener.close();
  const closed = await failureAt(formatAddress(socket));
  said.push({ name: socket.name, address, again, closed });
}
console.log(JSON.stringify(said));
await runOnSignals(runtime, { drainMs: 0 });
process.exit();
