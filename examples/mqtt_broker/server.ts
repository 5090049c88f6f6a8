// A broker of MQTT 3.1.1, until SIGTERM.

import { readFile } from "node:fs/promises";
import type { TlsListenOptions } from "../../mod.ts";
import { fail, file, integer, readFlags } from "../flags.ts";
import { servingFlags, startServer } from "../serve.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A broker of MQTT 3.1.1.", {
  ...servingFlags(1883),
  threads: {
    ...integer(1, 1, 1, "how many serve: one, which has all sessions"),
    rule: "it needs 1, since one thread has all sessions",
  },
  cert: file("a certificate, in PEM: then clients speak TLS"),
  key: file("its private key"),
  maxqueued: integer(1000, 0, 2 ** 20, "messages that wait for a session"),
  maxpacket: integer(2 ** 20, 64, 2 ** 28, "bytes of a packet"),
});

async function credential(): Promise<TlsListenOptions | undefined> {
  const { cert, key } = flags;
  if (cert === "" && key === "") return undefined;
  if (cert === "" || key === "") {
    fail(new Error("--cert and --key go together"));
  }
  return { cert: await readFile(cert), key: await readFile(key) };
}

const tls = await credential().catch(fail);
const server = await startServer(flags, reactors, url);
await server.listen("mqtt", flags, { maxConnections: 10_000, tls });
await server.run();
