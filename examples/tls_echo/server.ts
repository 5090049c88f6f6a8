// Sends back what it gets, in TLS. SIGHUP has it read its certificate again, as
// when that was renewed.
//
// Run:  deno run --allow-net --allow-read=. examples/tls_echo/server.ts --cert=cert.pem --key=key.pem
// Try:  client.ts beside it, or openssl s_client -connect 127.0.0.1:4443

import process from "node:process";
import {
  DefaultTcpListenerHandler,
  formatAddress,
  MessageResult,
  ReactRuntime,
  runOnSignals,
} from "../../mod.ts";
import {
  credentialFlags,
  loadCredential,
  needCredential,
} from "../credential.ts";
import { fail, listenFlags, readFlags } from "../flags.ts";

const flags = readFlags("Sends back what it gets, in TLS.", {
  ...listenFlags(4443),
  ...credentialFlags,
});

const runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => ({
  onInboundMessage(message, ctx) {
    ctx.sendOrQueue(message);
    return MessageResult.dropMsgSize(message.length);
  },
}));
const tls = await needCredential(flags);
const listener = await runtime.listen(flags, handler, { tls }).catch(fail);
console.log("listening on", formatAddress(listener.address));

// Windows has no such signal.
process.on("SIGHUP", async () => {
  try {
    listener.setTls(await loadCredential(flags));
    console.log("renewed");
  } catch (error) {
    console.error(`The last certificate stays: ${error}`);
  }
});
await runOnSignals(runtime, { drainMs: 1000 });
