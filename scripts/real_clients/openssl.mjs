// @ts-check
//
// Connects examples/tls_echo and examples/starttls to `openssl s_client`,
// `openssl s_server` and each other.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { Program } from "./program.mjs";

/** Checks both ends. */
export async function* checkOpenssl(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  // The only folder that Deno is permitted to read.
  const folder = fs.mkdtempSync(".openssl-");
  const cert = path.join(folder, "cert.pem");
  const key = path.join(folder, "key.pem");
  /** @type {Program[]} */
  const running = [];
  try {
    makeCertificate(cert, key);
    const files = [`--cert=${cert}`, `--key=${key}`];
    const server = runtime.start("tls_echo/server", "--port=0", ...files);
    running.push(server);
    const port = await server.port();
    const trusting = ["-CAfile", cert];
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const answer = await ask(port, [version, ...trusting]);
      assert.match(answer, /^hello$/m);
      yield `openssl s_client ${version} is answered, and trusts it`;
    }
    const old = await ask(port, ["-tls1_1", ...trusting]);
    assert.doesNotMatch(old, /^hello$/m);
    yield "openssl s_client -tls1_1 is refused";

    const other = new Program([
      ...["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev"],
      ...["-cert", cert, "-key", key],
    ]);
    running.push(other);
    const [, otherPort] = await other.printed(/ACCEPT \S*:(\d+)/);
    const flags = [`--port=${otherPort}`, `--ca=${cert}`];
    const client = runtime.start("tls_echo/client", ...flags, "--say=abc");
    await client.printed(/answered: cba/);
    yield "openssl s_server answers, and is trusted";
    const wrong = runtime.start("tls_echo/client", ...flags, "--name=other");
    assert.equal(await wrong.ended(), 1, wrong.output);
    assert.match(wrong.output, /^Cannot connect .* for another name\b.*\n$/);
    yield "openssl s_server of another name is not";

    const mail = runtime.start("starttls/server", "--port=0", ...files);
    running.push(mail);
    const mailPort = await mail.port();
    for (const version of ["-tls1_2", "-tls1_3"]) {
      const options = ["-starttls", "smtp", version, ...trusting];
      const answer = await ask(mailPort, options, "EHLO openssl\n");
      assert.match(answer, /^250 hello in TLSv1\.\d/m);
      yield `openssl s_client -starttls smtp ${version} is answered in TLS`;
    }
    const sender = runtime.start(
      "starttls/client",
      ...[`--port=${mailPort}`, `--ca=${cert}`],
    );
    await sender.printed(/answered: 250 hello in TLSv1\.3/);
    yield "a client that asks for TLS is answered in it";

    makeDocumented(folder);
    const file = (/** @type {string} */ name) => path.join(folder, name);
    const guarded = runtime.start(
      "tls_echo/server",
      ...["--port=0", `--cert=${file("server.pem")}`],
      ...[`--key=${file("server.key")}`, `--clientca=${file("ca.pem")}`],
    );
    running.push(guarded);
    const guardedPort = await guarded.port();
    const toGuarded = [`--port=${guardedPort}`, `--ca=${file("ca.pem")}`];
    const known = runtime.start(
      "tls_echo/client",
      ...[...toGuarded, "--say=abc"],
      ...[`--cert=${file("device.pem")}`, `--key=${file("device.key")}`],
    );
    await known.printed(/answered: abc/);
    await guarded.printed(/^device 17$/m);
    const unknown = runtime.start("tls_echo/client", ...toGuarded);
    assert.equal(await unknown.ended(), 1, unknown.output);
    const shown = ["-cert", file("device.pem"), "-key", file("device.key")];
    const trusted = ["-CAfile", file("ca.pem")];
    assert.match(await ask(guardedPort, [...trusted, ...shown]), /^hello$/m);
    assert.doesNotMatch(await ask(guardedPort, trusted), /^hello$/m);
    yield "the certificates that docs/tls.md makes are what clients need";
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true });
  }
}

/** Runs the commands of docs/tls.md that make certificates, in `folder`. */
function makeDocumented(/** @type {string} */ folder) {
  const [, commands] = /```sh\n(new=[^]*?)```/.exec(
    fs.readFileSync("docs/tls.md", "utf8"),
  ) ?? assert.fail("docs/tls.md makes no certificates");
  execFileSync("sh", ["-ec", commands], { cwd: folder, stdio: "ignore" });
}

/** Creates a certificate for localhost, and its key. */
export function makeCertificate(
  /** @type {string} */ cert,
  /** @type {string} */ key,
) {
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-days", "2", "-subj", "/CN=localhost"],
    ...["-addext", "subjectAltName=DNS:localhost"],
    ...["-addext", "basicConstraints=critical,CA:false"],
    ...["-keyout", key, "-out", cert],
  ], { stdio: "ignore" });
}

/**
 * Sends a text to the server at `port` with `openssl s_client`. Resolves to its
 * output.
 */
async function ask(
  /** @type {number} */ port,
  /** @type {string[]} */ options,
  say = "hello\n",
) {
  const client = spawn("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, "-quiet"],
    ...["-servername", "localhost", "-verify_return_error", ...options],
  ], { stdio: ["pipe", "pipe", "ignore"] });
  let output = "";
  client.stdin.on("error", () => {});
  client.stdout.on("data", (text) => {
    output += text;
    client.kill();
  });
  client.stdin.write(say);
  await once(client, "close");
  return output;
}
