// @ts-check

import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { packageJson } from "../npm_package.mjs";
import { DONE } from "./stranger.mjs";

/**
 * Makes Deno cache a program that imports the library from the network, and
 * then runs it without the network.
 */
export async function tryCache(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
) {
  const server = http.createServer(({ url = "" }, response) => {
    const file = path.join(".", url);
    const isThere = fs.existsSync(file);
    const headers = { "content-type": "application/typescript" };
    response.writeHead(isThere ? 200 : 404, headers);
    response.end(isThere ? fs.readFileSync(file) : undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (
    server.address()
  );
  const host = `127.0.0.1:${port}`;
  stranger.write("cached.json", {
    imports: { [packageJson().name]: `http://${host}/mod.ts` },
    nodeModulesDir: "none",
    lock: false,
  });
  const environment = { DENO_DIR: path.join(stranger.folder, "cache") };
  const flags = ["--config=cached.json", `--allow-import=${host}`];
  const script = "out/threaded_echo.js";
  await stranger.attempt(
    "threaded_echo, Deno fills its cache",
    "deno",
    ["cache", "--quiet", ...flags, script],
    undefined,
    environment,
  );
  server.close();
  server.closeAllConnections();
  await stranger.attempt(
    "threaded_echo, Deno without network",
    "deno",
    [
      ...["run", "--cached-only", "--no-prompt", ...flags],
      ...["--allow-net=127.0.0.1", "--allow-read", script],
    ],
    DONE,
    environment,
  );
}
