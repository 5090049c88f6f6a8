// Nothing imports it as the code runs: by this, registries and caches, which
// follow imports, find it.
import type {} from "./worker.ts";

/** What a worker runs: `program`, or else the library's own. Throws if that is not there. */
export function programUrl(program: string | undefined): URL {
  const url = program === undefined ? ownProgram() : new URL(program);
  // `node:worker_threads` takes no module from the network, as it is where Deno
  // loads a package from JSR; but it takes one that imports it.
  return url.protocol === "file:"
    ? url
    : new URL(`data:text/javascript,import ${JSON.stringify(url.href)}`);
}

/** Beside this file, if this is a file of its own. Put together, lest bundlers copy that file without what it imports, or miss it. */
function ownProgram(): URL {
  const here = import.meta.url; // undefined in what esbuild makes for CommonJS
  const [, extension] = /\/worker_program\.([jt]s)$/.exec(here) ?? [];
  if (extension !== undefined) return new URL(`./worker.${extension}`, here);
  throw new Error("in a bundle, threads need the option worker");
}
