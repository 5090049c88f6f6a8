import assert from "node:assert/strict";
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { commandOf, firstLine, start } from "../conformance/children.ts";
import { eventually, sleep } from "../conformance/support.ts";

const IDLE_TIMEOUT_MS = 1000;

/** Clients that come and are gone again, fewer than may wait to be accepted. */
const GONE = 300;

/** Resolves once `server` stands still. */
async function stop({ pid }: ChildProcess): Promise<void> {
  // Not by the child's own kill: Deno 2.9 takes it for gone after that.
  process.kill(pid!, "SIGSTOP");
  const stat = `/proc/${pid}/stat`;
  // By a program: Deno reads it itself only if it may do all.
  const state = () => execFileSync("cat", [stat], { encoding: "utf8" });
  await eventually(() => /\) T /.test(state()), "it stands still");
}

// Elsewhere nobody tells when a process stands still.
if (process.platform === "linux") {
  test("a process that was stopped for longer than idleTimeoutMs serves a connection whose peer has sent meanwhile", async () => {
    const server = start(commandOf("echo_server", "host", IDLE_TIMEOUT_MS));
    try {
      const port = Number(await firstLine(server));
      const socket = connect({ host: "127.0.0.1", port });
      let received = 0;
      let isClosed = false;
      socket.on("data", (bytes) => received += bytes.length);
      socket.on("close", () => isClosed = true);
      socket.on("error", () => {}); // a close follows
      await once(socket, "connect");
      socket.write("a");
      await eventually(() => received === 1, "it is served");
      await stop(server);
      await sleep(IDLE_TIMEOUT_MS + 200);
      await new Promise((resolve) => socket.write("b", resolve));
      process.kill(server.pid!, "SIGCONT");
      await eventually(() => received === 2 || isClosed, "it has gone on");
      assert.equal(received, 2);
      socket.destroy();
    } finally {
      server.kill("SIGKILL");
    }
  });

  test("clients that are gone before they are accepted do not hold up those behind them", async () => {
    const server = start(commandOf("echo_server", "host", IDLE_TIMEOUT_MS));
    try {
      const port = Number(await firstLine(server));
      await stop(server);
      for (let i = 0; i < GONE; i++) {
        const gone = connect({ host: "127.0.0.1", port });
        await once(gone, "connect");
        gone.resetAndDestroy();
        await once(gone, "close");
      }
      const socket = connect({ host: "127.0.0.1", port });
      let received = 0;
      socket.on("data", (bytes) => received += bytes.length);
      socket.on("error", () => {}); // then it is not served
      await once(socket, "connect");
      socket.write("a");
      process.kill(server.pid!, "SIGCONT");
      await eventually(() => received === 1, "it is served");
      socket.destroy();
    } finally {
      server.kill("SIGKILL");
    }
  });
}
