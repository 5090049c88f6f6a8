// @ts-check

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** The milliseconds that Wine may take to create its folders, or to end. */
const PATIENCE = 120_000;

/**
 * Mounts what the root of another system lacks; the mounts disappear with the
 * program.
 */
const ENTER_ROOT = [
  'touch "$0/etc/hosts"',
  'mount --bind /etc/hosts "$0/etc/hosts"',
  'mount -t proc proc "$0/proc"',
  'exec chroot "$0" env --chdir="$@"',
].join(" && ");

/** The Wine of this system, or the one in another root. */
export class Wine {
  /** Contains its drives, and everything its programs need. */
  folder;
  #root;

  constructor(/** @type {string | undefined} */ root) {
    this.#root = root && path.resolve(root);
    const parent = root === undefined ? os.tmpdir() : `${this.#root}/tmp`;
    this.folder = fs.mkdtempSync(path.join(parent, "reactio-windows-"));
  }

  /** Its version, such as "wine-10.0"; undefined if there is none. */
  get version() {
    const { status, stdout } = this.#call("wine", "--version");
    return status === 0 ? stdout.trim() : undefined;
  }

  /**
   * Creates its drives and a registry like that of Windows 10. Rejects if that
   * fails.
   */
  async prepare() {
    const log = path.join(this.folder, "wine.log");
    for (
      const command of [["wineboot", "--init"], ["winecfg", "-v", "win10"]]
    ) {
      const { status } = await this.run(command, this.folder, log, PATIENCE);
      if (status === 0) continue;
      const output = fs.readFileSync(log, "utf8");
      throw new Error(`wine ${command.join(" ")} failed:\n${output}`);
    }
  }

  /**
   * Runs a program in `folder`, with its output in the file `log`. After
   * `limitMs` it is killed, with everything that it has started.
   *
   * @returns {Promise<{ status: number | null, isLate: boolean }>}
   */
  run(
    /** @type {string[]} */ command,
    /** @type {string} */ folder,
    /** @type {string} */ log,
    /** @type {number} */ limitMs,
  ) {
    // Not a pipe: processes that Wine leaves behind would keep it open.
    const output = fs.openSync(log, "a");
    return new Promise((resolve, reject) => {
      const child = spawn(...this.#commandOf(["wine", ...command], folder), {
        cwd: folder,
        env: this.#environment,
        stdio: ["ignore", output, output],
      });
      fs.closeSync(output);
      let isLate = false;
      const limit = setTimeout(() => {
        isLate = true;
        child.kill("SIGKILL");
        this.#endPrograms();
      }, limitMs);
      child.on("error", reject);
      child.on("exit", (status) => {
        clearTimeout(limit);
        resolve({ status, isLate });
      });
    });
  }

  /** Kills its remaining programs, and removes their folder. */
  close() {
    this.#endPrograms();
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Kills only programs that use this folder. */
  #endPrograms() {
    this.#call("wineserver", "--kill");
  }

  /** Runs one of the programs that come with Wine. */
  #call(/** @type {string[]} */ ...command) {
    return spawnSync(...this.#commandOf(command, this.folder), {
      cwd: this.folder,
      env: this.#environment,
      encoding: "utf8",
      timeout: PATIENCE,
    });
  }

  /** @returns {[program: string, args: string[]]} */
  #commandOf(
    /** @type {string[]} */ command,
    /** @type {string} */ folder,
  ) {
    if (this.#root === undefined) return [command[0], command.slice(1)];
    const inside = [folder, ...command].map((part) => this.#inside(part));
    const enter = ["--mount", "sh", "-c", ENTER_ROOT, this.#root];
    return ["unshare", enter.concat(inside)];
  }

  get #environment() {
    const { DISPLAY: _, ...others } = process.env;
    return {
      ...others,
      WINEPREFIX: this.#inside(path.join(this.folder, "drives")),
      WINEDEBUG: "-all",
      WINEDLLOVERRIDES: "mscoree,mshtml=", // so that it does not ask whether to install these
      NO_COLOR: "1",
    };
  }

  /** The name of a file of this system for programs in the root. */
  #inside(/** @type {string} */ file) {
    const root = this.#root;
    const isThere = root !== undefined && file.startsWith(`${root}/`);
    return isThere ? file.slice(root.length) : file;
  }
}
