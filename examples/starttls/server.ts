// A mail server that only says hello, and speaks TLS once it is asked to
// (STARTTLS, RFC 3207).
//
// Run:  deno run --allow-net --allow-read=. examples/starttls/server.ts --cert=cert.pem --key=key.pem
// Try:  client.ts beside it, or openssl s_client -starttls smtp -connect
//       127.0.0.1:2525

import {
  DefaultTcpListenerHandler,
  formatAddress,
  framed,
  lines,
  type MessageContext,
  ReactRuntime,
  runOnSignals,
} from "../../mod.ts";
import { credentialFlags, needCredential } from "../credential.ts";
import { fail, listenFlags, readFlags } from "../flags.ts";

const flags = readFlags("A mail server that only says hello.", {
  ...listenFlags(2525),
  ...credentialFlags,
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
const listener = await runtime.listen(flags, handler, {
  tls: { ...await needCredential(flags), start: "later" },
}).catch(fail);
console.log("listening on", formatAddress(listener.address));
await runOnSignals(runtime, { drainMs: 1000 });
