import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadCredential } from "../../examples/credential.ts";
import { InvalidCredentialError, ReactRuntime } from "../../mod.ts";
import { echo } from "../conformance/support.ts";
import { ca, server } from "../support/certificates.ts";
import { encrypted } from "../support/encrypted_keys.ts";

const folder = mkdtempSync(join(tmpdir(), "reactio-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes `text` to a file; returns its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("the examples read an encrypted key, its passphrase from the first line of a file", async () => {
  const [{ cert, key }] = encrypted(server, "secret words");
  const flags = { cert: file("cert", cert), key: file("key", key) };
  const runtime = new ReactRuntime();
  const handler = { onNewConnection: () => ({ reactor: echo() }) };

  for (const end of ["\n", "\r\n", ""]) {
    const passphrase = file("passphrase", `secret words${end}`);
    const tls = await loadCredential({ ...flags, passphrase });
    const { address } = await runtime.listen("127.0.0.1:0", handler, { tls });
    const client = await runtime.connect(address, echo(), { tls: { ca } });
    await client.close();
  }

  const tls = await loadCredential({ ...flags, passphrase: "" });
  await assert.rejects(
    runtime.listen("127.0.0.1:0", handler, { tls }),
    InvalidCredentialError,
  );
  await runtime.stop();
});

test("a file that cannot be read is named", async () => {
  const flags = { cert: folder, key: folder, passphrase: "" };
  await assert.rejects(
    loadCredential(flags),
    (error: Error) => error.message.startsWith(`Cannot read ${folder}: `),
  );
});
