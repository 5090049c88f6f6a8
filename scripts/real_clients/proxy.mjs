// @ts-check
//
// Puts examples/proxy in front of a `node:http` server, and queries it with
// curl.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { makeCertificate } from "./openssl.mjs";
import { Program } from "./program.mjs";

const LOCAL = "127.0.0.1";
const BODY = randomBytes(4 * 2 ** 20);
const HASH = hashOf(BODY);

/**
 * The most bytes that may be in the system's buffers for two connections, and
 * in the proxy.
 */
const BUFFERED = 2 * (mostOf("tcp_rmem") + mostOf("tcp_wmem")) + 8 * 2 ** 20;

/**
 * Checks that no byte is lost, delayed without need, or cut off, plain and with
 * TLS.
 */
export async function* checkProxy(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  // The only folder that Deno is permitted to read.
  const folder = fs.mkdtempSync(".proxy-");
  const [cert, key] = ["cert.pem", "key.pem"].map((it) =>
    path.join(folder, it)
  );
  const file = path.join(folder, "body");
  fs.writeFileSync(file, BODY);
  const backend = new Backend();
  const to = `--to=${LOCAL}:${await backend.port()}`;
  /** @type {Program[]} */
  const running = [];
  const startProxy = (/** @type {string[]} */ ...flags) => {
    const proxy = runtime.start("proxy/server", "--port=0", to, ...flags);
    running.push(proxy);
    return proxy;
  };
  try {
    const proxy = startProxy();
    const url = `http://${LOCAL}:${await proxy.port()}`;
    const many = Array.from({ length: 6 }, () => curl(`${url}/body`));
    for (const body of await Promise.all(many)) {
      assert.equal(hashOf(body), HASH);
    }
    const body = await curl("--data-binary", `@${file}`, `${url}/hash`);
    assert.equal(`${body}`, HASH);
    yield "curl downloads and uploads, several at once";

    const { hostname, port } = new URL(url);
    const stalled = net.connect(Number(port), hostname).pause();
    stalled.write("GET /endless HTTP/1.0\r\n\r\n");
    const sent = await backend.stalls();
    assert.ok(sent < BUFFERED, `${sent} bytes were taken`);
    stalled.destroy();
    await backend.endlessClosed;
    yield "a reader that stalls has the server wait, and leaves with it";

    const socket = net.connect({
      host: hostname,
      port: Number(port),
      allowHalfOpen: true,
    });
    socket.end("GET /body HTTP/1.0\r\n\r\n");
    let received = 0;
    for await (const chunk of socket) received += chunk.length;
    assert.ok(received > BODY.length);
    yield "who has sent all still gets the answer";

    const slow = curl("--limit-rate", "8M", `${url}/body`);
    await backend.asked("/body");
    const ended = proxy.terminate();
    assert.equal(hashOf(await slow), HASH);
    assert.equal(await ended, 0, proxy.output);
    yield "SIGTERM in the middle of a transfer loses no byte";

    makeCertificate(cert, key);
    const secure = startProxy(`--cert=${cert}`, `--key=${key}`, "--threads=2");
    const answer = await curl(
      ...["--cacert", cert, "--data-binary", `@${file}`],
      `https://localhost:${await secure.port()}/hash`,
    );
    assert.equal(`${answer}`, HASH);
    assert.equal(await secure.terminate(), 0, secure.output);
    yield "curl speaks TLS to two threads";
  } finally {
    for (const program of running) program.kill();
    backend.close();
    fs.rmSync(folder, { recursive: true });
  }
}

function hashOf(/** @type {Uint8Array} */ bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Resolves to the response that curl gets. Rejects if it fails. */
async function curl(/** @type {string[]} */ ...args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-"));
  const file = path.join(folder, "body");
  try {
    const program = new Program([
      ...["curl", "--silent", "--show-error", "--output", file, ...args],
    ]);
    assert.equal(await program.ended(), 0, program.output);
    return fs.readFileSync(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * A server that serves a body, returns the hash of an upload, and sends an
 * endless response.
 */
class Backend {
  #server = http.createServer((request, response) => {
    this.#server.emit("asked", request.url);
    switch (request.url) {
      case "/body":
        return void response.end(BODY);
      case "/hash": {
        const hash = createHash("sha256");
        request.on("data", (chunk) => hash.update(chunk));
        return void request.on("end", () => response.end(hash.digest("hex")));
      }
      default:
        return this.#sayEndlessly(response);
    }
  }).listen(0, LOCAL);
  #taken = 0;
  #onStall = () => {};
  #onClosed = () => {};

  /** Resolves when the client of the endless response has disconnected. */
  endlessClosed = new Promise((resolve) => this.#onClosed = () => resolve(0));

  async port() {
    if (!this.#server.listening) await once(this.#server, "listening");
    return /** @type {net.AddressInfo} */ (this.#server.address()).port;
  }

  /** Resolves when `url` is requested. */
  async asked(/** @type {string} */ url) {
    while ((await once(this.#server, "asked"))[0] !== url);
  }

  /**
   * Resolves to the number of bytes taken of the endless response, once no more
   * have been taken for a while.
   */
  async stalls() {
    await new Promise((resolve) => this.#onStall = () => resolve(0));
    return this.#taken;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #sayEndlessly(/** @type {http.ServerResponse} */ response) {
    const timer = setTimeout(() => this.#onStall(), 300);
    const say = () => {
      timer.refresh();
      do this.#taken += BODY.length; while (response.write(BODY));
    };
    response.on("drain", say);
    response.on("close", () => {
      clearTimeout(timer);
      this.#onClosed();
    });
    say();
  }
}

/**
 * The largest buffer that Linux gives a connection, according to the setting
 * `name`.
 */
function mostOf(/** @type {string} */ name) {
  const sizes = fs.readFileSync(`/proc/sys/net/ipv4/${name}`, "utf8");
  return Number(sizes.trim().split(/\s+/).at(-1));
}
