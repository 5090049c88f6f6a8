// @ts-check
//
// Takes the screenshots of the inspector in docs/: of examples/redis_server on
// Bun, after a minute under load.

import { setTimeout as sleep } from "node:timers/promises";
import { startBrowser } from "./real_clients/browser.mjs";
import { Load } from "./real_clients/load.mjs";
import { installMissing } from "./real_clients/packages.mjs";
import { Program, runtimes } from "./real_clients/program.mjs";

const CLIENTS = 400;
const MINUTE_MS = 60_000;

/** @type {[file: string, options: object][]} */
const PICTURES = [
  ["inspector", {
    viewport: { width: 1200, height: 860 },
    colorScheme: "light",
  }],
  ["inspector-phone", {
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
  }],
];

installMissing({ chromium: "chromium", "redis-benchmark": "redis-tools" });
const bun = runtimes(undefined).find(({ title }) => title === "Bun");
if (bun === undefined) throw new Error("Bun is not among the runtimes");
const flags = ["--port=0", "--inspect=127.0.0.1:0"];
const server = bun.start("redis_server/server", ...flags);
const browser = await startBrowser();
try {
  const [, url] = await server.printed(/inspector at (\S+)/);
  const port = await server.port();
  const load = await Load.start(port, CLIENTS);
  const busy = new Program([
    ...["redis-benchmark", "-p", String(port), "-c", "20", "-l"],
    ...["-t", "set,get", "-n", "200000", "-q"],
  ]);
  const pages = [];
  for (const [file, options] of PICTURES) {
    const page = await browser.newPage(options);
    await page.goto(url);
    pages.push({ file, page });
  }
  await sleep(MINUTE_MS);
  for (const { file, page } of pages) {
    await page.bringToFront();
    await sleep(2000);
    await page.screenshot({ path: `docs/${file}.png` });
    console.log(`docs/${file}.png`);
  }
  load.stop();
  busy.kill();
} finally {
  await browser.close();
  server.kill();
}
