// Asks a mail server for TLS (STARTTLS, RFC 3207), and says hello in it: `--ca`
// is a file.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  connectMessages,
  lines,
  type MessageConnection,
  ReactRuntime,
} from "../../mod.ts";

const { values } = parseArgs({
  options: {
    ca: { type: "string", default: "ca.pem" },
    name: { type: "string", default: "localhost" },
    port: { type: "string", default: "2525" },
  },
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

const runtime = new ReactRuntime();
try {
  const smtp = lines({ ending: "\r\n" });
  const server = await connectMessages(
    runtime,
    `127.0.0.1:${values.port}`,
    smtp,
  );
  await expect(server, 220);
  server.send("EHLO client.example");
  await expect(server, 250);
  server.send("STARTTLS");
  await expect(server, 220);
  await server.startTls({
    ca: await readFile(values.ca),
    serverName: values.name,
  });
  server.send("EHLO client.example");
  console.log(`answered: ${await expect(server, 250)}`);
  server.send("QUIT");
  await expect(server, 221);
  await server.close();
} catch (error) {
  console.log(`${error}`);
} finally {
  await runtime.stop();
}
