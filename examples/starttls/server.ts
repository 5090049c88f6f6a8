// A mail server that only says hello, and speaks TLS when it is asked to
// (STARTTLS, RFC 3207): `--cert` and `--key` are files.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  DefaultTcpListenerHandler,
  formatAddress,
  framed,
  lines,
  type MessageContext,
  ReactRuntime,
} from "../../mod.ts";

const { values } = parseArgs({
  options: {
    cert: { type: "string", default: "cert.pem" },
    key: { type: "string", default: "key.pem" },
    port: { type: "string", default: "2525" },
  },
});

const smtp = lines({ ending: "\r\n", max: 1000 });

function onCommand(line: string, ctx: MessageContext<string>): void {
  const [command] = line.toUpperCase().split(" ");
  if (command === "EHLO" && ctx.socket.tls === undefined) {
    ctx.send("250-hello");
    ctx.send("250 STARTTLS");
  } else if (command === "EHLO") {
    ctx.send(`250 hello in ${ctx.socket.tls?.version}`);
  } else if (command === "STARTTLS" && ctx.socket.tls === undefined) {
    ctx.send("220 go ahead"); // in plain, as all that was sent before
    ctx.startTls();
  } else if (command === "QUIT") {
    ctx.send("221 bye");
    ctx.close();
  } else {
    ctx.send("502 not implemented");
  }
}

const runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() =>
  framed(smtp, {
    onConnected: (ctx) => void ctx.send("220 example.org"),
    onMessage: onCommand,
  })
);
const listener = await runtime.listen(`127.0.0.1:${values.port}`, handler, {
  tls: {
    cert: await readFile(values.cert),
    key: await readFile(values.key),
    start: "later",
  },
});
console.log(`listening on ${formatAddress(listener.address)}`);
