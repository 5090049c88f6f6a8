// Runs a server, whose command follows, on sockets that were handed over.
// SIGHUP replaces it: the sockets stay, the next server accepts before the last
// one is asked to end, and nobody is refused. SIGTERM ends both.
//
// Run:  systemd-socket-activate --listen=7000 --setenv=PATH bun examples/restart/supervisor.ts bun examples/restart/server.ts
// Try:  echo hello | nc 127.0.0.1 7000, before and after a SIGHUP

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { type FdAddress, hostAdapter, inheritedSockets } from "../../mod.ts";
import { fail } from "../flags.ts";

/** The sockets that were handed over. */
function handedOver(): readonly FdAddress[] {
  try {
    return inheritedSockets({ adapter: hostAdapter() });
  } catch (error) {
    fail(error);
  }
}

const sockets = handedOver();
const command = process.argv.slice(2);
if (sockets.length === 0 || command.length === 0) {
  console.error(
    "Start it by: systemd-socket-activate --listen=7000 …, with a command behind it",
  );
  process.exit(2);
}

/** Servers that were asked to end. */
const ending = new WeakSet<ChildProcess>();

/** Resolves to a server that accepts; if that ends without being asked to, so does this program. It has the same sockets, by the same numbers, which its own process number makes its own. */
function start(): Promise<ChildProcess> {
  const server = spawn(
    "/bin/sh",
    ["-c", 'LISTEN_PID=$$ exec "$0" "$@"', ...command],
    { stdio: ["ignore", "pipe", "inherit", ...sockets.map(({ fd }) => fd)] },
  );
  let said = "";
  let isReady = false;
  return new Promise((resolve, reject) => {
    server.stdout?.on("data", (text) => {
      process.stdout.write(text);
      said = (said + text).slice(-100);
      isReady ||= /^ready$/m.test(said);
      if (isReady) resolve(server);
    });
    server.on("error", reject);
    server.on("exit", () => {
      const error = new Error("The server has ended by itself");
      if (isReady && !ending.has(server)) fail(error);
      reject(error);
    });
  });
}

/** Resolves when `server` has ended cleanly. Not by its own `kill`, which Deno takes for the end. */
async function end(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined) return; // it has never run
  ending.add(server);
  const ended = once(server, "exit");
  process.kill(pid, "SIGTERM");
  await ended;
}

/** Resolves to the next server, or to the last one if there is none. */
async function replace(last: ChildProcess): Promise<ChildProcess> {
  try {
    const next = await start();
    await end(last);
    console.log("replaced");
    return next;
  } catch (error) {
    console.error(`Cannot replace the server: ${error}`);
    return last;
  }
}

// It starts behind the next lines: who gets an answer may signal at once.
let server = Promise.resolve().then(start);
process.on("SIGHUP", () => server = server.then(replace));
process.on("SIGTERM", async () => {
  await end(await server);
  process.exit();
});
await server;
