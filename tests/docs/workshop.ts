import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { host } from "../examples/example_process.ts";
import { built, isSource } from "../support/built.ts";
import { read, root } from "./project.ts";

/** True if this runtime takes examples as they are written, in TypeScript and with `using`; an older Node does not. */
export const runsExamples: boolean = isSource && knowsUsing();
const { name: library, exports } = JSON.parse(read("deno.json"));
const config = fileURLToPath(new URL("deno.json", root));
const libraries = fileURLToPath(new URL("node_modules", root));

/** The entries of the library as examples name them, and where they are. */
const entries = Object.entries<string>(exports).map(([name, path]) => ({
  name: name.replace(".", library),
  href: new URL(built(path.replace("./", "../../")), import.meta.url).href,
}));

/** The permissions that the README names, and those for the file of a Unix socket, and for WebSockets. */
const DENO_RUN = [
  "run",
  "--no-prompt",
  `--config=${config}`, // for what optional entries stand on
  "--allow-net",
  "--allow-read",
  "--allow-write=/tmp",
  "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE,LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES",
];
const LIMIT_MS = 40_000;

/** A folder outside of the project, where pieces of documents become files that run. */
export class Workshop implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "reactio-docs-"));
  readonly #files: string[] = [];

  /** Makes a file of TypeScript that finds the library. */
  add(name: string, code: string): void {
    const text = entries.reduce(
      (text, { name, href }) => text.replaceAll(`"${name}"`, `"${href}"`),
      code,
    );
    mkdirSync(join(this.#folder, name, ".."), { recursive: true });
    writeFileSync(join(this.#folder, name), `${text}export {};\n`);
    this.#files.push(name);
  }

  /** Has the type checker look at all files. */
  check(): void {
    assert.equal(host, "deno", "only Deno brings a type checker");
    this.#succeeds(process.execPath, "check", "--config", config);
  }

  /** Makes of all files what can run here; to be called when all are there. */
  prepare(): void {
    writeFileSync(join(this.#folder, "package.json"), `{"type":"module"}`);
    // Deno finds there by its configuration what optional entries stand on.
    if (host !== "deno") {
      symlinkSync(libraries, join(this.#folder, "node_modules"), "junction");
    }
    if (runsExamples) return;
    this.#succeeds(
      "tsc",
      "--noCheck",
      "--verbatimModuleSyntax",
      "--rewriteRelativeImportExtensions",
      ...["--target", "es2022", "--module", "nodenext", "--rootDir", "."],
    );
  }

  /** Runs files one after the other in one process, which is to end by itself. */
  runAll(names: readonly string[]): void {
    const lines = names.map((name) =>
      `await import(${JSON.stringify(`./${emitted(name)}`)})` +
      `.catch((error) => failures.push([${JSON.stringify(name)}, error]));`
    );
    const text = [
      "const failures = [];",
      ...lines,
      "for (const failure of failures) console.error(...failure);",
      "if (failures.length > 0) globalThis.process.exit(1);",
    ];
    writeFileSync(join(this.#folder, "all.js"), text.join("\n"));
    const [program, ...args] = commandLine("all.js");
    this.#finish(program, args);
  }

  /** Starts a file. The caller ends it. */
  start(name: string): ChildProcess {
    const [program, ...args] = commandLine(emitted(name));
    return spawn(program, args, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #succeeds(program: string, ...args: string[]): void {
    this.#finish(program, [...args, ...this.#files]);
  }

  #finish(program: string, args: readonly string[]): void {
    const { status, signal, stdout, stderr } = spawnSync(program, args, {
      cwd: this.#folder,
      encoding: "utf8",
      timeout: LIMIT_MS,
      shell: process.platform === "win32" && program === "tsc", // a script there
    });
    assert.equal(status, 0, `${stdout}${stderr}${signal ?? ""}`);
  }
}

function commandLine(file: string): string[] {
  return host === "deno"
    ? [process.execPath, ...DENO_RUN, file]
    : [process.execPath, file];
}

/** What the example in the file `name` is called where it runs. */
function emitted(name: string): string {
  return runsExamples ? name : name.replace(/\.ts$/, ".js");
}

function knowsUsing(): boolean {
  try {
    new Function("using nothing = null");
    return true;
  } catch {
    return false;
  }
}
