// @ts-check

import { execFile, execSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** The milliseconds that a program may take. */
const LIMIT = 60_000;

/** What our programs print at their end, and nothing else. */
export const DONE = /^done\n$/;

const run = promisify(execFile);

/** Somebody who has nothing but a folder with our programs, and installs there what we publish. */
export class Stranger {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-"));
  /** @type {string[]} The titles of what failed. */
  failures = [];

  constructor() {
    fs.cpSync("scripts/try_package/programs", this.folder, { recursive: true });
    this.write("package.json", { private: true, type: "module" });
  }

  write(/** @type {string} */ file, /** @type {object} */ content) {
    const text = JSON.stringify(content);
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  /** Installs packages: names, or paths of tarballs. */
  install(/** @type {string[]} */ ...packages) {
    // By a shell: on Windows, npm is a script.
    const names = packages.map((name) => `"${name}"`).join(" ");
    execSync(`npm install --no-audit --no-fund ${names}`, {
      cwd: this.folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  /** Runs a program in the folder, by a shell if it has no `args`: all that it prints is to match `expected`. */
  async attempt(
    /** @type {string} */ title,
    /** @type {string} */ program,
    /** @type {string[] | undefined} */ args,
    expected = /^$/,
    /** @type {{ [name: string]: string }} */ environment = {},
  ) {
    const start = Date.now();
    const { error, stdout, stderr } = await run(program, args ?? [], {
      cwd: this.folder,
      env: { ...process.env, ...environment },
      shell: args === undefined,
      timeout: LIMIT,
      killSignal: "SIGKILL",
    }).then((it) => ({ ...it, error: undefined }), (error) => ({
      ...error,
      error,
    }));
    const ms = Date.now() - start;
    if (error === undefined && expected.test(stdout)) {
      return console.log(`ok      ${title} (${ms} ms)`);
    }
    const reason = error?.signal ?? error?.code ?? "it printed something else";
    this.fail(title, `${reason}\n${stdout ?? ""}${stderr ?? error?.message}`);
  }

  /** Notes and tells that something failed. */
  fail(/** @type {string} */ title, /** @type {string} */ reason) {
    console.error(`FAILED  ${title}: ${reason}`);
    this.failures.push(title);
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
