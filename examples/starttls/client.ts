// Asks a mail server for TLS (STARTTLS, RFC 3207), and says hello in it.
//
// Run:  deno run --allow-net --allow-read=. examples/starttls/client.ts --ca=cert.pem
// Try:  server.ts beside it is who answers

import {
  connectMessages,
  lines,
  type MessageConnection,
  ReactRuntime,
} from "../../mod.ts";
import { readTrust, trustFlags } from "../credential.ts";
import { connectFlags, fail, readFlags } from "../flags.ts";

const flags = readFlags("Asks a mail server for TLS.", {
  ...connectFlags(2525),
  ...trustFlags,
});

/** Waits for an answer with `code`, of one line or several; throws if there is another, or none. */
async function expect(
  server: MessageConnection<string>,
  code: number,
): Promise<string> {
  const said: string[] = [];
  do {
    said.push(await server.receive() ?? "nothing more");
  } while (/^\d{3}-/.test(said[said.length - 1]));
  const answer = said.join(", ");
  if (!answer.startsWith(`${code}`)) throw new Error(`answered: ${answer}`);
  return answer;
}

const tls = await readTrust(flags);
const runtime = new ReactRuntime();
try {
  const smtp = lines({ ending: "\r\n" });
  const server = await connectMessages(runtime, flags, smtp);
  await expect(server, 220);
  server.send("EHLO client.example");
  await expect(server, 250);
  server.send("STARTTLS");
  await expect(server, 220);
  await server.startTls(tls);
  server.send("EHLO client.example");
  console.log("answered:", await expect(server, 250));
  server.send("QUIT");
  await expect(server, 221);
  await server.close();
} catch (error) {
  fail(error);
}
