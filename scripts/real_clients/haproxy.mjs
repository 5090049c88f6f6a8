// @ts-check
//
// Puts examples/behind_proxy behind HAProxy, and examples/proxy in front of
// that, and queries both with curl.

import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { freePort, isUp } from "./ports.mjs";
import { Program } from "./program.mjs";

const LOCAL = "127.0.0.1";
const ID = "id-4711";

/** Checks a server behind HAProxy, and our proxy in front of HAProxy. */
export async function* checkHaproxy(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-haproxy-"));
  const server = runtime.start("behind_proxy/server", "--port=0");
  /** @type {Program[]} */
  const running = [server];
  try {
    const port = await server.port();
    const entries = await Promise.all([1, 2, 3].map(() => freePort()));
    const [first, second, third] = entries;
    const haproxy = startHaproxy(folder, [
      [first, "", port, "send-proxy"],
      [
        second,
        "",
        port,
        "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority,ssl",
      ],
      [third, "accept-proxy", port, "send-proxy-v2 proxy-v2-options crc32c"],
    ]);
    running.push(haproxy);
    for (const entry of entries) await isUp(entry);

    for (const [entry, version] of [[first, 1], [second, 2]]) {
      const { answer, own } = await ask(entry);
      assert.equal(answer.client, own, answer.line);
      assert.equal(answer.server, `${LOCAL}:${entry}`, answer.line);
      assert.notEqual(answer.proxy, own, answer.line);
      assert.equal(answer.version, `${version}`, answer.line);
      assert.equal(answer.id, version === 2 ? ID : "", answer.line);
    }
    yield "is told by HAProxy where clients are, in version 1 and 2";

    for (const version of [1, 2]) {
      const proxy = runtime.start(
        "proxy/server",
        ...["--port=0", `--to=${LOCAL}:${third}`, `--header=${version}`],
      );
      running.push(proxy);
      const entry = await proxy.port();
      const { answer, own } = await ask(entry);
      // HAProxy passes on the address from the header that it received.
      assert.equal(answer.client, own, answer.line);
      assert.equal(answer.server, `${LOCAL}:${entry}`, answer.line);
      assert.equal(await proxy.terminate(), 0, proxy.output);
    }
    yield "tells HAProxy where clients are, in version 1 and 2";

    const curl = new Program([
      ...["curl", "--silent", "--http0.9", "--haproxy-protocol"],
      `http://${LOCAL}:${port}/`,
    ]);
    await curl.ended();
    assert.match(curl.output, /^client 127\.0\.0\.1:\d+, .*version 1/);
    yield "curl --haproxy-protocol";

    const plain = new Program(["curl", "--silent", `http://${LOCAL}:${port}/`]);
    assert.notEqual(await plain.ended(), 0);
    assert.equal(await server.terminate(), 0, server.output);
    assert.match(server.output, /"proxyHeaderMissing":[1-9]/);
    assert.match(server.output, /"proxyHeaderInvalid":0\b/);
    yield "drops who comes without a header";
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Starts HAProxy. Each entry is a port with its options, and the port behind it
 * with its options.
 */
function startHaproxy(
  /** @type {string} */ folder,
  /** @type {[number, string, number, string][]} */ entries,
) {
  const file = path.join(folder, "haproxy.cfg");
  const sections = entries.map(([port, bind, to, options]) => `
listen on-${port}
  bind ${LOCAL}:${port} ${bind}
  unique-id-format ${ID}
  server reactio ${LOCAL}:${to} ${options}
`);
  fs.writeFileSync(
    file,
    `
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
${sections.join("")}`,
  );
  return new Program(["haproxy", "-db", "-f", file]);
}

/**
 * Sends a request to `port`. Resolves to the answer and the address that the
 * request came from.
 */
async function ask(/** @type {number} */ port) {
  const socket = net.connect(port, LOCAL);
  await once(socket, "connect");
  const own = `${socket.localAddress}:${socket.localPort}`;
  socket.write("who\r\n\r\n");
  let line = "";
  for await (const chunk of socket) line += chunk;
  const parts = line.trimEnd().split(", ").map((part) => {
    const [name, ...rest] = part.split(" ");
    return [name, rest.join(" ")];
  });
  return { answer: { ...Object.fromEntries(parts), line }, own };
}
