// @ts-check
//
// Queries examples/http_hello with curl and wrk.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { makeCertificate } from "./openssl.mjs";
import { Program } from "./program.mjs";

const BODY = randomBytes(40_000).toString("hex");
const HELLO = "Hello, world\n";

/** Checks features that clients rely on, and how bad requests are refused. */
export async function* checkHttp(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  // The only folder that Deno is permitted to read.
  const folder = fs.mkdtempSync(".http-");
  const [cert, key, body] = ["cert.pem", "key.pem", "body"]
    .map((it) => path.join(folder, it));
  fs.writeFileSync(body, BODY);
  /** @type {Program[]} */
  const running = [];
  try {
    const server = runtime.start(
      "http_hello/server",
      "--port=0",
      "--threads=1",
    );
    running.push(server);
    const url = `http://127.0.0.1:${await server.port()}`;
    const twice = await curl("--verbose", `${url}/`, `${url}/`);
    assert.equal(twice.split(HELLO).length, 3, twice);
    assert.match(twice, /Re-using existing connection/);
    const head = await curl("--head", `${url}/`);
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 13\r\n/);
    const old = await curl("--http1.0", "--include", `${url}/`);
    assert.match(old, /Connection: close\r\n[^]*Hello, world\n$/);
    yield "curl keeps the connection, asks for a head, and speaks HTTP/1.0";

    for (
      const fields of [
        [],
        ["--header", "Transfer-Encoding: chunked"],
        ["--header", "Expect: 100-continue", "--expect100-timeout", "600"],
      ]
    ) {
      const echo = ["--data-binary", `@${body}`, `${url}/echo`];
      assert.equal(await curl("--max-time", "20", ...fields, ...echo), BODY);
    }
    yield "curl uploads with a length, in chunks, and when it is told to go on";

    const large = ["--header", `Content-Length: ${2 ** 20 + 1}`];
    for (
      const [status, ...args] of [
        ["400", "--header", "Host:"],
        ["404", "--request-target", "/other"],
        ["405", "--request", "DELETE"],
        ["413", ...large, "--data", "x"],
        ["431", "--header", `A: ${"x".repeat(17_000)}`],
        ["501", "--request", "BREW"],
      ]
    ) {
      const code = ["--output", `${folder}/out`, "--write-out", "%{http_code}"];
      assert.equal(await curl(...code, ...args, `${url}/`), status);
    }
    yield "curl is told 400, 404, 405, 413, 431 and 501";

    const report = await measured(url);
    assert.match(report, /^ +[1-9]\d* requests in/m);
    assert.doesNotMatch(report, /Socket errors|Non-2xx/, report);
    assert.equal(await server.terminate(), 0, server.output);
    yield "wrk has no errors";

    makeCertificate(cert, key);
    const secure = runtime.start(
      "http_hello/server",
      ...["--port=0", "--threads=2", `--cert=${cert}`, `--key=${key}`],
    );
    running.push(secure);
    const port = await secure.port();
    const trusted = await curl("--cacert", cert, `https://localhost:${port}/`);
    assert.equal(trusted, HELLO);
    assert.equal(await secure.terminate(), 0, secure.output);
    yield "curl speaks TLS to two threads";
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * Resolves to what wrk reports of a second; of another one, if the server stood
 * still for all of it.
 */
async function measured(/** @type {string} */ url) {
  for (let triesLeft = 10;; triesLeft--) {
    const options = ["-t1", "-c20", "-d1s", "--timeout=60s"];
    const wrk = new Program(["wrk", ...options, `${url}/`]);
    assert.equal(await wrk.ended(), 0, wrk.output);
    if (triesLeft === 0 || !/^ +0 requests in/m.test(wrk.output)) {
      return wrk.output;
    }
  }
}

/** Resolves to the output of curl. Rejects if it fails. */
async function curl(/** @type {string[]} */ ...args) {
  const program = new Program(["curl", "--silent", "--show-error", ...args]);
  assert.equal(await program.ended(), 0, program.output);
  return program.output;
}
