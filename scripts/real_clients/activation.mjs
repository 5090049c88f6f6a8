// @ts-check
//
// Starts examples/restart through systemd-socket-activate, and queries it with
// socat.

import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./ports.mjs";
import { Program } from "./program.mjs";

/**
 * The pause of a client before it connects again, in milliseconds: the servers
 * need the processor to start.
 */
const PAUSE_MS = 2;

const LOCAL = "127.0.0.1";
const ENVIRONMENT = "--allow-env=LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES";

/**
 * Checks the handing over of all kinds of sockets, and a restart that refuses
 * nobody.
 */
export async function* checkActivation(
  /** @type {import("./program.mjs").Runtime} */ runtime,
) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-"));
  /** @type {Program[]} */
  const running = [];
  const server = runtime.command("restart/server", [
    ENVIRONMENT,
    ...[`--allow-read=${folder}`, `--allow-write=${folder}`],
  ]);
  try {
    const port = await freePort();
    const file = path.join(folder, "handed.sock");
    const name = `${path.basename(folder)}-handed`;
    const activated = activate([`${LOCAL}:${port}`, file, `@${name}`], server);
    running.push(activated);
    // All of these reach the same process, which the first one starts.
    for (
      const at of [`TCP:${LOCAL}:${port}`, `UNIX:${file}`, `ABSTRACT:${name}`]
    ) {
      assert.equal(await ask(at), `${activated.pid} hello`);
    }
    assert.equal(await activated.terminate(), 0, activated.output);
    assert.ok(fs.existsSync(file), "the file was not its own");
    yield "systemd-socket-activate hands over TCP, a file and an abstract name";

    const own = path.join(folder, "own.sock");
    for (const at of [own, `@${name}-own`]) {
      const bound = new Program([...server, `--at=unix:${at}`]);
      running.push(bound);
      await bound.printed(/^ready$/m);
      // Node 20 gives abstract names all 107 bytes, padded with zeros.
      const isPadded = runtime.title === "Node" &&
        Number.parseInt(process.versions.node) < 22;
      const to = at.startsWith("@")
        ? `ABSTRACT:${at.slice(1)}${isPadded ? ",unix-tightsocklen=0" : ""}`
        : `UNIX:${at}`;
      assert.equal(await ask(to), `${bound.pid} hello`);
      assert.equal(await bound.terminate(), 0, bound.output);
    }
    assert.ok(!fs.existsSync(own), "the file stays");
    yield "socat asks at a file and at an abstract name";

    const shared = await freePort();
    const supervise = () => {
      const supervisor = activate([`${LOCAL}:${shared}`], [
        ...runtime.command("restart/supervisor", [
          "--allow-env",
          "--allow-run",
        ]),
        ...server,
      ]);
      running.push(supervisor);
      return supervisor;
    };
    const supervisor = supervise();
    await supervisor.printed(/Listening on/);
    const clients = new Clients(shared);
    await clients.areAnsweredBy(1);
    process.kill(supervisor.pid, "SIGHUP");
    await supervisor.printed(/^replaced$/m);
    await clients.areAnsweredBy(2);
    await clients.end();
    assert.equal(await supervisor.terminate(), 0, supervisor.output);
    yield `a restart refuses nobody: ${clients.answers} clients have their answers`;

    const bereft = supervise();
    const [pid] = (await ask(`TCP:${LOCAL}:${shared}`)).split(" ");
    process.kill(Number(pid), "SIGKILL");
    assert.equal(await bereft.ended(), 1, bereft.output);
    assert.match(bereft.output, /^The server has ended by itself$/m);
    yield "a supervisor ends when its server does, so that somebody notices";
  } finally {
    for (const program of running) program.kill();
    fs.rmSync(folder, { recursive: true });
  }
}

function activate(
  /** @type {string[]} */ addresses,
  /** @type {string[]} */ command,
) {
  const listen = addresses.map((it) => `--listen=${it}`);
  return new Program(
    ["systemd-socket-activate", ...listen, "--setenv=PATH", ...command],
    "",
    true,
  );
}

/**
 * Sends hello to `to` with socat, retrying until something listens there.
 * Resolves to the answer.
 */
async function ask(/** @type {string} */ to) {
  const [kind, ...rest] = to.split(":");
  const address = [kind === "TCP" ? kind : `${kind}-CONNECT`, ...rest].join(
    ":",
  );
  const retrying = `${address},retry=3000,interval=0.02`;
  const client = new Program(["socat", "-t60", "-", retrying], "hello\n");
  assert.equal(await client.ended(), 0, client.output);
  return client.output.trimEnd();
}

/**
 * Several concurrent clients, each of which connects and asks again and again.
 */
class Clients {
  answers = 0;
  /** @type {Set<string>} */
  #processes = new Set();
  /** @type {(_?: unknown) => void} */
  #onAnswer = () => {};
  #isEnding = false;
  #port;
  #ended;

  constructor(/** @type {number} */ port) {
    this.#port = port;
    this.#ended = Promise.all(Array.from({ length: 4 }, () => this.#run()));
    this.#ended.catch(() => {});
  }

  /**
   * Resolves when `count` different processes have answered. Rejects if a
   * request got no answer.
   */
  async areAnsweredBy(/** @type {number} */ count) {
    while (this.#processes.size < count) {
      const answered = new Promise((resolve) => this.#onAnswer = resolve);
      await Promise.race([this.#ended, answered]);
    }
  }

  async end() {
    this.#isEnding = true;
    await this.#ended;
  }

  async #run() {
    while (!this.#isEnding) {
      const socket = net.connect(this.#port, LOCAL).setEncoding("utf8");
      await once(socket, "connect");
      socket.write("hello\n");
      let answer = "";
      for await (const text of socket) {
        answer += text;
        if (answer.endsWith("\n")) break; // the server closes after it
      }
      const [, process] = /^(\d+) hello\n$/.exec(answer) ?? [];
      assert.ok(process, `it was answered ${JSON.stringify(answer)}`);
      this.#processes.add(process);
      this.answers++;
      this.#onAnswer();
      await delay(PAUSE_MS);
    }
  }
}
