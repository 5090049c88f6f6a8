// @ts-check

import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { askNodeWith } from "../npx.mjs";
import { DONE } from "./stranger.mjs";

/** The esbuild that is tried. */
export const ESBUILD = "esbuild@0.28.2";

/** Bytes: a server and a client, minified, with the sockets of Node alone, and TLS over them: whoever listens may ask for it. */
const MOST = 140_000;

/** Checks that a bundler leaves out of the package what a program does not use, and that what is left runs everywhere. */
export async function checkSize(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
) {
  const bin = askNodeWith([ESBUILD], "process.env.PATH")
    .split(path.delimiter)[0];
  const library = path.join(bin, "../esbuild/lib/main.js");
  const { default: esbuild } = await import(pathToFileURL(library).href);
  const { metafile } = await esbuild.build({
    absWorkingDir: stranger.folder,
    entryPoints: ["out/echo.js"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    metafile: true,
    outdir: "bundle",
  });
  const [{ bytes: size }] = Object.values(metafile.outputs);
  const title = `an echo in a bundle: ${size} bytes`;
  if (size <= MOST) {
    console.log(`ok      ${title}: ${describe(metafile)}`);
  } else stranger.fail(title, `it should be ${MOST} at most`);
  for (
    const [runtime, ...args] of [
      [process.execPath],
      ["bun"],
      ["deno", "run", "--no-prompt", "--allow-net=127.0.0.1"],
    ]
  ) {
    await stranger.attempt(
      `the bundle for Node, ${path.basename(runtime)}`,
      runtime,
      [...args, "bundle/echo.js"],
      DONE,
    );
  }
}

/** How many bytes of a bundle come from each folder of the library, the largest first. */
function describe(
  /** @type {{ outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }} */
  { outputs },
) {
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const [, folder = "the program"] = /\/(src\/\w+)/.exec(file) ?? [];
      sizes[folder] = (sizes[folder] ?? 0) + bytesInOutput;
    }
  }
  return Object.entries(sizes).sort(([, a], [, b]) => b - a)
    .map(([folder, size]) => `${folder} ${size}`).join(", ");
}
