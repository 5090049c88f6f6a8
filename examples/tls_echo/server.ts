// Sends back what it gets, in TLS: `--cert` and `--key` are files.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  DefaultTcpListenerHandler,
  formatAddress,
  MessageResult,
  ReactRuntime,
} from "../../mod.ts";

const { values } = parseArgs({
  options: {
    cert: { type: "string", default: "cert.pem" },
    key: { type: "string", default: "key.pem" },
    port: { type: "string", default: "4443" },
  },
});
const read = async () => ({
  cert: await readFile(values.cert),
  key: await readFile(values.key),
});

const runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => ({
  onInboundMessage(message, ctx) {
    ctx.sendOrQueue(message);
    return MessageResult.dropMsgSize(message.length);
  },
}));
const listener = await runtime.listen(`127.0.0.1:${values.port}`, handler, {
  tls: await read(),
});
console.log(`listening on ${formatAddress(listener.address)}`);

// As when the certificate was renewed.
process.on("SIGHUP", async () => {
  listener.setTls(await read());
  console.log("renewed");
});
