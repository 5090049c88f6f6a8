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
  type TlsListenOptions,
} from "../../mod.ts";
import {
  credentialFlags,
  loadCredential,
  needCredential,
  read,
} from "../credential.ts";
import { fail, file, listenFlags, readFlags } from "../flags.ts";

const flags = readFlags("Sends back what it gets, in TLS.", {
  ...listenFlags(4443),
  ...credentialFlags,
  clientca: file("whose certificate clients need, in PEM"),
});

async function withClientCa(tls: TlsListenOptions): Promise<TlsListenOptions> {
  if (flags.clientca === "") return tls;
  return { ...tls, ca: await read(flags.clientca) };
}

const runtime = new ReactRuntime();
const handler = new DefaultTcpListenerHandler(() => ({
  onConnected({ socket: { tls } }) {
    if (tls?.isAuthorized) console.log(tls.peerCertificate?.subject);
  },
  onInboundMessage(message, ctx) {
    ctx.sendOrQueue(message);
    return MessageResult.dropMsgSize(message.length);
  },
}));
const tls = await withClientCa(await needCredential(flags)).catch(fail);
const listener = await runtime.listen(flags, handler, { tls }).catch(fail);
console.log("listening on", formatAddress(listener.address));

// Windows has no such signal.
process.on("SIGHUP", async () => {
  try {
    listener.setTls(await withClientCa(await loadCredential(flags)));
    console.log("renewed");
  } catch (error) {
    console.error(`The last certificate stays: ${error}`);
  }
});
await runOnSignals(runtime, { drainMs: 1000 });
