// Nothing imports this at run time. The type import is for registries and caches,
// which follow imports to find files.
import type {} from "./worker.ts";

/** The URL of what a worker runs: `program`, or the library's own. Throws if that is missing. */
export function programUrl(program: string | undefined): URL {
  const url = program === undefined ? ownProgram() : new URL(program);
  // `node:worker_threads` refuses a module from the network, which this is when
  // Deno loads the package from JSR; but it takes a module that imports it.
  return url.protocol === "file:"
    ? url
    : new URL(`data:text/javascript,import ${JSON.stringify(url.href)}`);
}

/** The worker's file beside this one, if there are such files. Its name is put together so that bundlers do not copy the file without its imports. */
function ownProgram(): URL {
  const here = import.meta.url; // undefined in what esbuild makes for CommonJS
  const [, extension] = /\/worker_program\.([jt]s)$/.exec(here) ?? [];
  if (extension !== undefined) return new URL(`./worker.${extension}`, here);
  throw new Error("in a bundle, threads need the option worker");
}
