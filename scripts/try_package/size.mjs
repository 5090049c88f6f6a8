// @ts-check

import path from "node:path";
import { pathToFileURL } from "node:url";
import { askNodeWith } from "../npx.mjs";

/** The esbuild that is tried. */
export const ESBUILD = "esbuild@0.28.2";

/**
 * Bytes. A server and a client, minified, are some 86,100, of which the sockets
 * of all three runtimes are 10,000 to 12,000 and the texts of errors 4,400.
 */
const MOST = 88_000;

/** Checks that a bundler leaves out of the package what a program does not use. */
export async function checkSize(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
) {
  const bin = askNodeWith([ESBUILD], "process.env.PATH")
    .split(path.delimiter)[0];
  const library = path.join(bin, "../esbuild/lib/main.js");
  const { default: esbuild } = await import(pathToFileURL(library).href);
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: stranger.folder,
    entryPoints: ["out/echo.js"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
    outdir: "bundle",
  });
  const size = outputFiles[0].contents.length;
  const title = `an echo in a bundle: ${size} bytes`;
  if (size <= MOST) {
    console.log(`ok      ${title}: ${describe(metafile)}`);
  } else stranger.fail(title, `it should be ${MOST} at most`);
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
