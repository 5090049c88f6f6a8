// @ts-check

import { execFile, execSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** The time limit of a program in milliseconds. */
const LIMIT = 60_000;

/** The only output of our programs. */
export const DONE = /^done\n$/;

const run = promisify(execFile);

/**
 * A user who has nothing but a folder with our programs, and installs the
 * published packages there.
 */
export class Stranger {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reactio-"));
  /** @type {string[]} The titles of failed attempts. */
  failures = [];

  constructor() {
    fs.cpSync("scripts/try_package/programs", this.folder, { recursive: true });
    this.write("package.json", { private: true, type: "module" });
  }

  write(/** @type {string} */ file, /** @type {object} */ content) {
    const text = JSON.stringify(content);
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  /** Installs packages, given as names or as paths of tarballs. */
  install(/** @type {string[]} */ ...packages) {
    // Through a shell, because npm is a script on Windows.
    const names = packages.map((name) => `"${name}"`).join(" ");
    execSync(`npm install --no-audit --no-fund ${names}`, {
      cwd: this.folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  /**
   * Runs a program in the folder, through a shell if there are no `args`. Its
   * whole output must match `expected`.
   */
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

  /** Records and prints a failure. */
  fail(/** @type {string} */ title, /** @type {string} */ reason) {
    console.error(`FAILED  ${title}: ${reason}`);
    this.failures.push(title);
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
