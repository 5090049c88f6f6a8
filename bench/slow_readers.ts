// Measures one client while many others request large answers and read slowly:
//
//   deno run -A bench/slow_readers.ts [readers] [MiB]
//   bun bench/slow_readers.ts
//   npm run build:node, then node .node/bench/slow_readers.js
//
// Prints how long that client's small requests took, and the share of the
// server's time spent in the calls that send the large answers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { MessageResult, ReactRuntime } from "../mod.ts";

const SECONDS = 5;
const [readers = "200", mebibytes = "4", port] = process.argv.slice(2);

const SMALL = 1;
const LARGE = 2;

if (port === undefined) await serve();
else await ask(Number(port), Number(readers));

async function serve(): Promise<void> {
  const large = new Uint8Array(Number(mebibytes) * 2 ** 20);
  const small = new Uint8Array(16);
  let count = 0;
  let spentMs = 0;
  const runtime = new ReactRuntime();
  const listener = await runtime.listen("127.0.0.1:0", {
    onNewConnection: () => ({
      reactor: {
        onInboundMessage(buf, ctx) {
          if (buf[0] === LARGE) {
            const start = performance.now();
            ctx.sendOrQueue(large);
            spentMs += performance.now() - start;
            count++;
          } else ctx.sendOrQueue(small);
          return MessageResult.dropMsgSize(1);
        },
      },
    }),
  });
  const client = spawn(process.execPath, [
    ..."Deno" in globalThis ? ["run", "--allow-all"] : [],
    fileURLToPath(import.meta.url),
    readers,
    mebibytes,
    String(listener.address.port),
  ], { stdio: "inherit" });
  await once(client, "exit");
  console.log(
    `${count} large answers: ${Math.round(spentMs)} ms in sendOrQueue`,
  );
  await runtime[Symbol.asyncDispose]();
}

async function ask(port: number, countReaders: number): Promise<void> {
  const slow = await Promise.all(
    Array.from({ length: countReaders }, () => open(port)),
  );
  for (const socket of slow) {
    socket.on("readable", () => {});
    socket.write(Uint8Array.of(LARGE));
  }
  const reading = setInterval(() => slow.forEach((one) => one.read()), 100);
  const times: number[] = [];
  const start = performance.now();
  while (performance.now() - start < SECONDS * 1000) {
    const socket = await open(port);
    for (let i = 0; i < 3; i++) {
      const asked = performance.now();
      socket.write(Uint8Array.of(SMALL));
      await once(socket, "data");
      times.push(performance.now() - asked);
    }
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  clearInterval(reading);
  slow.forEach((socket) => socket.destroy());
  const first = times[0];
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.floor((times.length - 1) * share)].toFixed(1);
  console.log(
    `${times.length} small requests: first ${first.toFixed(0)} ms, median ${
      at(0.5)
    } ms, 99 % ${at(0.99)} ms`,
  );
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // the server has closed the connection
  await once(socket, "connect");
  return socket;
}
