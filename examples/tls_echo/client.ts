// Says something to a server in TLS, and prints what comes back: `--ca` is a file.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { connectMessages, lines, ReactRuntime } from "../../mod.ts";

const { values } = parseArgs({
  options: {
    ca: { type: "string", default: "ca.pem" },
    name: { type: "string", default: "localhost" },
    port: { type: "string", default: "4443" },
    say: { type: "string", default: "hello" },
  },
});

const runtime = new ReactRuntime();
try {
  const server = await connectMessages(
    runtime,
    `127.0.0.1:${values.port}`,
    lines(),
    { tls: { ca: await readFile(values.ca), serverName: values.name } },
  );
  await server.send(values.say);
  console.log(`answered: ${await server.receive()}`);
  await server.close();
} catch (error) {
  console.log(`${error}`);
} finally {
  await runtime.stop();
}
