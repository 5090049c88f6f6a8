// @ts-check

import { Buffer } from "node:buffer";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { importPackage } from "../npx.mjs";
import { executedSize } from "./executed.mjs";
import { DONE } from "./stranger.mjs";

/** The version of esbuild that is tried. */
export const ESBUILD = "esbuild@0.28.2";

/**
 * The most bytes of a server and a client, minified, with the sockets of Node
 * alone, including everything that is loaded on demand.
 */
const MOST = 185_900;

/**
 * The most bytes that such a program loads if the bundler splits it and it uses
 * no TLS and the like.
 */
const MOST_LOADED = 137_000;

/**
 * The parts of the library with patterns for their files; the first that
 * matches counts.
 */
const PARTS = /** @type {const} */ ([
  ["TLS", /^adapters\/tls|^core\/(tls_end|tls_handshake|handshake|upgrade)/],
  ["PROXY headers", /^codec\/proxy|^core\/(proxi|proxy|trusted|header)/],
  ["PROXY headers", /header_sending|networks|ip_addresses|crc32c|read_numbers/],
  [
    "TLS options, STARTTLS",
    /^api\/options\/tls|^util\/pem|^core\/(tls_start|tls_source|runtime_tls)/,
  ],
  ["PROXY options", /^api\/options\/proxy/],
  ["sockets", /^(adapters|contract)/],
  ["encoding", /^io\/message_writer|prefixed_text|util\/(write_numbers|utf8)/],
  ["reading", /^io\/(inbound|read|partial|view|in_place|message_size)/],
  ["sending", /^io\/(outbound|send|pending)|send_result/],
  [
    "buffers, views",
    /^io|^tuning|util\/(views|empty|known|concat|gathered)|^api\/bytes/,
  ],
  ["commands", /^core\/(command|pending_c|runtime_cmd|returned)/],
  ["commands", /deferred|util\/(timer_queue|slot_map|fifo|pages)/],
  ["time limits of connections", /^core\/connection_deadlines/],
  [
    "turns, timers, scheduled calls",
    /^core\/(turn|time_|scheduled|poll)|util\/(timer|slot|due_|flat)/,
  ],
  [
    "errors, their texts",
    /error|failures|closing_reasons|util\/(text|prom|forget|printable)/,
  ],
  ["log", /_log|util\/(log|one_|source_loc)/],
  ["connections", /^core\/(connection|reactor_|read_p)|credit|message_result/],
  [
    "listening",
    /^core\/(binder|listener|admission|accept)|^helpers|api\/drops/,
  ],
  ["connecting", /^core\/(open|connect_|connector|adapter_|.*race)/],
  ["what is loaded later", /^core\/on_dem|util\/lazy/],
  ["options", /option|keep_alive/],
  ["addresses", /address|util\/(unix|literal)/],
  ["statistics, events", /^stats/],
  ["the runtime", /^(core|runtime|api)/],
]);

/**
 * @typedef {object} Output
 * @property {number} bytes
 * @property {string} [entryPoint]
 * @property {{ path: string, kind: string }[]} imports
 * @property {Record<string, { bytesInOutput: number }>} inputs
 */

/**
 * @typedef {object} Metafile
 * @property {Record<string, { imports: { path: string, kind: string }[] }>} inputs
 * @property {Record<string, Output>} outputs
 */

/**
 * Checks that a bundle of the package contains only what the program uses,
 * loads the rest on demand, and runs everywhere.
 */
export async function checkSize(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
) {
  const { default: esbuild } = await importPackage(ESBUILD, "lib/main.js");
  for (const splitting of [false, true]) {
    const outdir = splitting ? "bundle_in_parts" : "bundle";
    for (const program of ["echo", "on_demand"]) {
      const { metafile } = await esbuild.build({
        absWorkingDir: stranger.folder,
        entryPoints: [`out/${program}.js`],
        bundle: true,
        minify: true,
        platform: "node",
        format: "esm",
        metafile: true,
        splitting,
        outdir,
      });
      if (program === "echo") {
        checkOutputs(stranger, metafile, splitting);
      }
      await runBundle(stranger, `${outdir}/${program}.js`);
    }
  }
  const program = path.join(stranger.folder, "bundle_in_parts/echo.js");
  console.log(`        of that it executes ${executedSize(program)} bytes`);
}

function checkOutputs(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
  /** @type {Metafile} */ { inputs, outputs },
  /** @type {boolean} */ splitting,
) {
  const loaded = loadedOf(outputs);
  const size = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
  const what = splitting
    ? "what an echo in parts loads"
    : "an echo in a bundle";
  const title = `${what}: ${size} bytes, ${
    zippedSize(stranger, outputs, loaded)
  } by gzip`;
  const most = splitting ? MOST_LOADED : MOST;
  const later = new Set(
    Object.values(inputs).flatMap(({ imports }) => imports)
      .filter(({ kind }) => kind === "dynamic-import")
      .map(({ path }) => path),
  );
  const unasked = loaded.flatMap(filesOf)
    .filter(([file]) => splitting && later.has(file));
  if (size > most) stranger.fail(title, `it should be ${most} at most`);
  else if (unasked.length > 0) {
    stranger.fail(title, `nobody asks for ${unasked.join(", ")}`);
  } else console.log(`ok      ${title}: ${describe(loaded)}`);
  for (const output of Object.values(outputs)) {
    if (loaded.includes(output)) continue;
    console.log(`        ${output.bytes} later: ${describe([output])}`);
  }
}

/** The outputs that the program loads before it starts. */
function loadedOf(/** @type {Record<string, Output>} */ outputs) {
  const loaded = new Set(
    Object.values(outputs).filter(({ entryPoint }) =>
      entryPoint === "out/echo.js"
    ),
  );
  for (const { imports } of loaded) {
    for (const { path, kind } of imports) {
      if (kind === "import-statement" && outputs[path]) {
        loaded.add(outputs[path]);
      }
    }
  }
  return [...loaded];
}

/** The size in bytes of these outputs, compressed together. */
function zippedSize(
  /** @type {import("./stranger.mjs").Stranger} */ { folder },
  /** @type {Record<string, Output>} */ outputs,
  /** @type {Output[]} */ loaded,
) {
  const files = Object.keys(outputs).filter((file) =>
    loaded.includes(outputs[file])
  );
  const code = files.map((file) => fs.readFileSync(path.join(folder, file)));
  return gzipSync(Buffer.concat(code)).length;
}

/** The files whose code an output contains, with their sizes in bytes. */
function filesOf(
  /** @type {Output} */ { inputs },
) {
  return Object.entries(inputs)
    .map((
      [file, { bytesInOutput }],
    ) => /** @type {const} */ ([file, bytesInOutput]))
    .filter(([, size]) => size > 0);
}

async function runBundle(
  /** @type {import("./stranger.mjs").Stranger} */ stranger,
  /** @type {string} */ program,
) {
  for (
    const [runtime, ...args] of [
      [process.execPath],
      ["bun"],
      ["deno", "run", "--no-prompt", "--allow-net=127.0.0.1"],
    ]
  ) {
    await stranger.attempt(
      `${program}, which is for Node, ${path.basename(runtime)}`,
      runtime,
      [...args, program],
      DONE,
    );
  }
}

/**
 * Lists the size of each part of the library in these outputs, in bytes, the
 * largest first.
 */
function describe(/** @type {Output[]} */ outputs) {
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const [file, size] of outputs.flatMap(filesOf)) {
    const [, source] = /\/src\/(.*)\.js$/.exec(file) ?? [];
    const [part] = source === undefined
      ? ["the program"]
      : PARTS.find(([, files]) => files.test(source)) ?? ["other"];
    sizes[part] = (sizes[part] ?? 0) + size;
  }
  return Object.entries(sizes).sort(([, a], [, b]) => b - a)
    .map(([part, size]) => `${part} ${size}`).join(", ");
}
